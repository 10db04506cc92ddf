// SPDX-License-Identifier: Apache-2.0
// The ways in which inputs reach a GPU and results come back: a parameter of workloads whose GPU variants know them.
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/key_values.h"

namespace overtake {

/// In the scopes end_to_end and cold_start; where nothing is transferred it means nothing.
constexpr std::string_view kTransferParam = "transfer";

/// pageable: from and to ordinary memory, as most programs have it. pinned: the same memory, page-locked in place when
/// it is first used, so that the GPU copies by itself. overlapped: pinned, in chunks on three streams, so that
/// chunks arrive, are computed on and leave at the same time. managed: memory of the driver's, whose pages move when
/// they are touched; for comparison only.
enum class Transfer { pageable, pinned, overlapped, managed };

/// pageable where the parameters have none. Throws UsageError.
inline Transfer transfer_of(const KeyValues& params) {
  const std::string text = params.find(kTransferParam).value_or("pageable");
  if (text == "pageable") return Transfer::pageable;
  if (text == "pinned") return Transfer::pinned;
  if (text == "overlapped") return Transfer::overlapped;
  if (text == "managed") return Transfer::managed;
  throw UsageError("--param transfer=" + text + ": expected pageable, pinned, overlapped or managed");
}

}  // namespace overtake
