// SPDX-License-Identifier: Apache-2.0
#include "bench/harness/cold_start.h"

#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "bench/harness/plan.h"
#include "core/pool/spawn.h"

namespace overtake::bench {
namespace {

enum Reply : std::uint32_t { kRequest = 1, kDone, kSkipped, kFailed };

// A request is the input's number and the cell's name, with the descriptors of the three arenas.
int run_cold(Channel& parent) {
  auto request = parent.receive();
  if (!request || request->type != kRequest) return 1;
  const auto text = from_bytes<std::string>(request->bytes);
  try {
    const int which = text.front() - '0';
    const Cell cell = Cell::parse(text.substr(1));
    std::vector<int> descriptors;
    for (FileDescriptor& descriptor : request->descriptors) descriptors.push_back(descriptor.release());
    const auto data = Registry::global().find(cell.workload)->make_data(cell, {}, descriptors);
    const VariantInfo& variant = *Registry::global().find(cell.workload, cell.variant);
    const auto instance = variant.make(cell.dtype, *data, {worker_count(cell.workers), cell.params});
    instance->load(which);
    if (instance->has_reset()) instance->reset();
    instance->run();
    instance->store();
    parent.send(kDone, to_bytes(instance->workers()));
  } catch (const Skip& reason) {
    parent.send(kSkipped, to_bytes(std::string(reason.what())));
  } catch (const std::exception& error) {
    parent.send(kFailed, to_bytes(std::string(error.what())));
  }
  return 0;
}

[[maybe_unused]] const bool kKnown = register_child_kind("cold_start", run_cold);

}  // namespace

ColdStart cold_start(const Cell& cell, Data& data, int which) {
  const Bytes request = to_bytes(std::to_string(which) + cell.name());
  const std::vector<int> descriptors = data.descriptors();
  const auto start = std::chrono::steady_clock::now();
  Child child = Child::start("cold_start");
  child.channel().send(kRequest, request, descriptors);
  child.await_ready();
  const auto reply = child.channel().receive();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!reply) throw std::runtime_error("the fresh process " + child.end().describe());
  if (reply->type == kSkipped) throw Skip(from_bytes<std::string>(reply->bytes));
  if (reply->type != kDone) throw std::runtime_error("in a fresh process: " + from_bytes<std::string>(reply->bytes));
  return {seconds, from_bytes<int>(reply->bytes)};
}

}  // namespace overtake::bench
