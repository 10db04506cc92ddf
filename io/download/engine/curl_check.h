// SPDX-License-Identifier: Apache-2.0
// libcurl's handles as values that free themselves, and its calls with their errors as exceptions.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>

namespace overtake::download {

/// Throws std::runtime_error with the expression, the place and libcurl's own words; std::bad_alloc where it found no
/// memory.
inline void check(CURLcode code, const char* what, const char* file, int line) {
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK)
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + what + ": " +
                             curl_easy_strerror(code));
}
inline void check(CURLMcode code, const char* what, const char* file, int line) {
  if (code == CURLM_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLM_OK)
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + what + ": " +
                             curl_multi_strerror(code));
}
inline void check(CURLSHcode code, const char* what, const char* file, int line) {
  if (code == CURLSHE_NOMEM) throw std::bad_alloc();
  if (code != CURLSHE_OK)
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + what + ": " +
                             curl_share_strerror(code));
}
#define OVERTAKE_CURL(call) ::overtake::download::check(call, #call, __FILE__, __LINE__)

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeShare {
  void operator()(CURLSH* share) const { curl_share_cleanup(share); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using Multi = std::unique_ptr<CURLM, FreeMulti>;
using Share = std::unique_ptr<CURLSH, FreeShare>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

/// libcurl made ready for this process, once; threads may be started afterwards.
void start_curl();

/// For programs that only download: freed memory stays with the process. libcurl takes and frees a buffer for every
/// transfer; giving it back to the system and faulting it in again took a tenth of the time of small files.
void keep_freed_memory();

}  // namespace overtake::download
