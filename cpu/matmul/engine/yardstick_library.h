// SPDX-License-Identifier: Apache-2.0
// How a yardstick's library is found and opened: the newest first, which bench/peers/fetch puts into a folder of its
// own, then the system's. Used by the variants openblas, openblas_default, onednn and mkl.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace overtake {

/// Where bench/peers/fetch installs: $OVERTAKE_PEERS, or bench/peers/venv of the source tree that this was built from.
std::filesystem::path peers_folder();

/// Files under peers_folder() with one of these names, in the order of the names; `names` have no folder.
std::vector<std::string> peer_files(const std::vector<std::string_view>& names);

/// The first of `files` that can be opened, with its symbols kept apart from all others'; nullptr where none can.
void* open_library(const std::vector<std::string>& files);

/// The library behind `handle` once more, as a copy with variables of its own: what it read from the environment is
/// read anew. nullptr where that fails. Costs the memory of a copy of the file.
void* open_library_again(void* handle);

/// Sets `function` to the symbol, false where there is none.
bool find_symbol(void* handle, const char* name, void** function);
template <class F>
bool find_function(void* handle, const std::string& name, F& function) {
  void* symbol = nullptr;
  const bool found = find_symbol(handle, name.c_str(), &symbol);
  function = reinterpret_cast<F>(symbol);
  return found;
}

/// A CPU with the part of AVX-512 that all libraries' kernels for Skylake-X use.
bool has_avx512();

}  // namespace overtake
