// SPDX-License-Identifier: Apache-2.0
// What more workers bring: speed-up, efficiency, serial fraction, and where the rest went. For `overtake show
// --scaling`; docs/methods.md explains the figures.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compare/measured.h"

namespace overtake::compare {

/// What a pool of processes wrote down of its last run (core/pool/pool.h), in seconds: medians over a cell's samples.
struct LedgerTimes {
  double share_out = 0, wait = 0, gather = 0;
  double compute_max = 0, compute_sum = 0;  // the busiest worker, and all together
  double total() const { return share_out + wait + gather; }
  /// Parts of the total: work shared out evenly, what the busiest worker had beyond that, and messages and waking up.
  double even(std::int64_t workers) const { return compute_sum / static_cast<double>(workers); }
  double uneven(std::int64_t workers) const { return compute_max - even(workers); }
  double idle() const { return wait > compute_max ? wait - compute_max : 0; }
};

/// Amdahl's law, t(p) = serial + parallel / p (G. Amdahl, "Validity of the single processor approach to achieving large
/// scale computing capabilities", AFIPS 1967), fitted by least squares of the relative residuals, neither part below 0.
struct AmdahlFit {
  double serial = 0, parallel = 0;  // seconds
  double fraction = 0;              // serial / (serial + parallel)
  /// Of the fraction: Student's t over the fits of each process by itself, cut to [0, 1].
  bool has_interval = false;
  double low = 0, high = 1;
  std::size_t points = 0;  // fewer than three leave no residuals
  double seconds(std::int64_t workers) const { return serial + parallel / static_cast<double>(workers); }
};

struct ScalingPoint {
  std::int64_t workers = 1;  // that took part
  double seconds = 0;        // median
  Ratio ratio;               // of its time over that with the fewest workers
  double speedup = 1;        // over the fewest workers
  double efficiency = 1;     // speedup over how many times as many workers
  /// A. Karp and H. Flatt, "Measuring parallel processor performance", Communications of the ACM 33, 1990: the serial
  /// fraction that would explain this speed-up alone. Negative: superlinear. Only where one worker was measured.
  std::optional<double> serial_fraction;
  double fraction_low = 0, fraction_high = 0;  // from the ratio's interval, where it has one
  std::optional<double> residual;              // measured over fitted, less 1; of points that the fit is made from
  std::optional<double> cpu_ratio;             // CPU time of all workers over that with the fewest
  std::optional<LedgerTimes> ledger;
  bool is_slower_than_best = false;  // surely, of a point with more workers than the fastest
  Ratio over_best;                   // of such a point
};

/// One variant on one problem with different numbers of workers.
struct Scaling {
  Cell cell;                         // without workers
  std::vector<ScalingPoint> points;  // fewest workers first, at least two
  std::optional<AmdahlFit> fit;
  std::size_t best = 0;               // the fastest point
  std::optional<std::int64_t> cores;  // allowed in this run
};

/// Every variant and problem of a run that was measured with at least two numbers of workers, in the order of their
/// places.
std::vector<Scaling> scalings(const Run& run);

/// Of medians `seconds` with `workers`, each at least 1.
AmdahlFit fit_amdahl(std::span<const std::int64_t> workers, std::span<const double> seconds);

std::string scalings_text(const std::vector<Scaling>&);
nlohmann::ordered_json scalings_json(const std::vector<Scaling>&);

}  // namespace overtake::compare
