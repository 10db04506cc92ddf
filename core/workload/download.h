// SPDX-License-Identifier: Apache-2.0
// The workload download: a list of URLs becomes verified files in a folder. Problem, input, checker and cost; the
// strategies are in io/download, which also provides the origin that generated lists are served by.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/cell.h"
#include "core/memory/arena.h"
#include "core/scratch_folder.h"
#include "core/workload/workload.h"

namespace overtake {

struct DownloadInput;
struct DownloadFolder;

struct Download {
  static constexpr std::string_view name = "download", baseline = "sequential";
  static constexpr std::string_view size_help = "FILES or FILESxBYTES", rate_unit = "files/s";
  static constexpr std::array<std::string_view, 5> param_names = {"in_flight", "latency_ms", "digest", "urls",
                                                                  "allow_private"};
  static constexpr bool has_elements = false, has_f64 = false, has_workers = false;

  struct Problem {
    std::int64_t files = 0, bytes = 0;  // bytes of each file; 0: not known, because the list is the user's own
    std::int64_t in_flight = 16;        // at most so many at the same time
    double latency_ms = 0;              // the origin waits so long before each answer
    bool digest = true;                 // whether the strategies are given the digests to verify; the checker always is
    std::string urls;           // name of the user's own list, as a part of the key of results; empty: generated
    std::string allow_private;  // the address that the user's list may lead to though it is not public

    static Problem from(const KeyValues& shape, const KeyValues& params);
    KeyValues shape() const;
    /// Fewer files, then smaller ones.
    Problem shrunk(std::int64_t divisor) const;
    /// Seconds of waiting that nobody gets around: ceil(files / in_flight) times the latency.
    double waiting() const;
  };

  template <class>
  using Input = DownloadInput;
  template <class>
  using Output = DownloadFolder;

  /// Every file of the list is there, has its size and its SHA-256 as far as they are known, and nothing else is there.
  class ListChecker {
   public:
    explicit ListChecker(const DownloadInput& input) : input_(input) {}
    Check operator()(const DownloadFolder& folder) const;

   private:
    std::string_view method() const;
    const DownloadInput& input_;
  };
  template <class>
  using Checker = ListChecker;

  struct Spoil {
    std::string_view name;
    void (*plant)(const DownloadInput&, DownloadFolder&);
  };
  template <class>
  static std::span<const Spoil> faults() {
    return spoils();
  }
  static std::span<const Spoil> spoils();

  /// The bytes of the files, read and written once. An item is a file.
  static Cost cost(const Problem&, Dtype);
  static KeyValues parse_size(std::string_view size);
  /// Waiting needs no warming up, and verification before the first sample would cost as much as the sample, whose
  /// folder is checked whole anyway; a user's server is not asked more often than a sample needs.
  static bool rehearsed(const Problem&);
  /// latency; origin: its own measured maximum for these files; disk: the same bytes written to the folder by all
  /// cores.
  static std::vector<LeastTime> least_times(const Problem&, const DownloadInput&, DownloadFolder&);

  template <class, class V>
  static void load(V& variant, const DownloadInput& input, DownloadFolder& output) {
    variant.load(input, output);
  }
};

/// The two inputs have the same names and other content. As text: a line a file, "URL name=NAME", where it is known
/// with sha256=HEX.
struct DownloadInput {
  struct File {
    std::string_view line, name, sha256;  // sha256: lower-case hexadecimal, or empty
  };
  DownloadInput(const Download::Problem&, Arena&, const InputSource&);

  Download::Problem problem;
  bool attached;  // another process made it
  std::string_view text;
  std::vector<File> files;
};

/// The folder that is downloaded into; the process that measures makes it and removes it.
struct DownloadFolder {
  DownloadFolder(const Download::Problem&, const DownloadInput&, Arena&);
  void poison() { empty(); }
  void empty() { empty_folder(path); }

  std::string path;
  std::optional<ScratchFolder> own;  // none in a process that attached
};

/// The name that the record of a folder's downloads has, beside the files.
inline constexpr std::string_view kDownloadRecord = ".overtake-downloads";

/// What core cannot do for this workload: io/download provides it in every program that holds a strategy.
class DownloadGround {
 public:
  virtual ~DownloadGround() = default;
  /// As DownloadInput::text, served by an origin of its own process from now on.
  virtual std::string generated(const Download::Problem&, Seed) = 0;
  /// The user's list as it is read by `do download`, so that every file's name is known. Throws UsageError.
  virtual std::string users_list(const std::string& path) = 0;
  /// Seconds in which the origin serves all files of a generated list, without waiting, to somebody who keeps nothing.
  virtual double origin_seconds(const DownloadInput&) = 0;
};
bool provide_download_ground(DownloadGround&);

}  // namespace overtake
