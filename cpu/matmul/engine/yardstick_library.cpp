// SPDX-License-Identifier: Apache-2.0
#include "cpu/matmul/engine/yardstick_library.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "core/file_descriptor.h"

namespace overtake {

std::filesystem::path peers_folder() {
  if (const char* folder = std::getenv("OVERTAKE_PEERS")) return folder;
  return OVERTAKE_PEERS_FOLDER;
}

std::vector<std::string> peer_files(const std::vector<std::string_view>& names) {
  std::vector<std::pair<std::size_t, std::string>> found;
  std::error_code error;
  const auto root = std::filesystem::canonical(peers_folder(), error);
  if (error) return {};
  constexpr auto kOptions = std::filesystem::directory_options::skip_permission_denied;
  for (std::filesystem::recursive_directory_iterator at(root, kOptions, error), end; !error && at != end;
       at.increment(error)) {
    const auto name = std::ranges::find(names, at->path().filename().string());
    if (name != names.end()) found.emplace_back(name - names.begin(), at->path().string());
  }
  std::ranges::sort(found);
  std::vector<std::string> files;
  for (auto& [rank, file] : found) files.push_back(std::move(file));
  return files;
}

void* open_library(const std::vector<std::string>& files) {
  for (const std::string& file : files)
    if (void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
  return nullptr;
}

void* open_library_again(void* handle) {
  link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void*>(&map)) != 0) return nullptr;
  std::ifstream from(map->l_name, std::ios::binary);
  if (!from) return nullptr;
  // The loader knows a file by its inode: a copy in memory is another library to it.
  const FileDescriptor copy(memfd_create("yardstick", MFD_CLOEXEC));
  const std::string name = "/proc/self/fd/" + std::to_string(copy.get());
  std::ofstream to(name, std::ios::binary);
  to << from.rdbuf();
  to.close();
  return to ? dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
}

bool find_symbol(void* handle, const char* name, void** function) {
  *function = dlsym(handle, name);
  return *function != nullptr;
}

bool has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

}  // namespace overtake
