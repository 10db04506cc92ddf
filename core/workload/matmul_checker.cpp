// SPDX-License-Identifier: Apache-2.0
// The checker of matmul. Everything that does not depend on the answer is computed once, because an answer is checked
// after every timed sample.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "core/workload/matmul.h"

namespace overtake {
namespace {

constexpr std::int64_t kBlockColumns = 512;
constexpr std::int64_t kRowsInFull = 64;
constexpr double kInFullBelowProducts = 4e6;
constexpr Seed kCheckSeed{0x5eed};

template <class T>
constexpr double kUnitRoundoff = std::numeric_limits<T>::epsilon() / 2.0;

double square(double x) { return x * x; }

// Goes through errors until one is beyond its tolerance, and keeps the one that came closest to it.
class Examination {
 public:
  explicit Examination(std::string_view method) : check_{.method = method, .ok = true} {}

  /// false where the error is too large or NaN; `where` then says, for people, what is wrong.
  template <class Where>
  bool passes(double error, double tolerance, Where where) {
    const double share = tolerance > 0 ? error / tolerance : 0;
    const bool ok = error <= tolerance;
    if (ok && share <= closest_) return true;
    closest_ = share;
    check_.error = error;
    check_.tolerance = tolerance;
    check_.ok = ok;
    if (!ok) check_.detail = where();
    return ok;
  }
  const Check& result() const { return check_; }

 private:
  Check check_;
  double closest_ = -1;
};

}  // namespace

template <class T>
Matmul::Checker<T>::Checker(const Input<T>& input)
    : problem_(input.problem),
      in_full_(static_cast<double>(input.problem.m) * static_cast<double>(input.problem.n) *
                   static_cast<double>(std::max<std::int64_t>(input.problem.k, 1)) <=
               kInFullBelowProducts) {
  choose_rows();
  compute_rows(input);
  if (!in_full_) compute_signed_sums(input);
}

template <class T>
void Matmul::Checker<T>::choose_rows() {
  if (in_full_ || problem_.m <= kRowsInFull) {
    rows_.indices.resize(static_cast<std::size_t>(problem_.m));
    std::iota(rows_.indices.begin(), rows_.indices.end(), 0);
    return;
  }
  // The boundary rows are where partitions go wrong; the others are random.
  const RandomStream random(kCheckSeed, 1);
  rows_.indices = {0, problem_.m - 1};
  for (std::uint64_t i = 0; rows_.indices.size() < static_cast<std::size_t>(kRowsInFull); ++i)
    rows_.indices.push_back(static_cast<std::int64_t>(random.bits(i) % static_cast<std::uint64_t>(problem_.m)));
}

template <class T>
void Matmul::Checker<T>::compute_rows(const Input<T>& in) {
  const auto n = static_cast<std::size_t>(problem_.n);
  std::vector<double> column_norms(n, 0.0);
  for (std::int64_t l = 0; l < problem_.k; ++l)
    for (std::size_t j = 0; j < n; ++j) column_norms[j] += square(static_cast<double>(in.b.row(l)[j]));
  for (double& norm : column_norms) norm = std::sqrt(norm);

  rows_.expected.assign(rows_.indices.size() * n, 0.0);
  rows_.tolerance.assign(rows_.indices.size() * n, 0.0);
  // Row l of B is read once for all rows of the check.
  for (std::int64_t l = 0; l < problem_.k; ++l) {
    const T* b = in.b.row(l);
    for (std::size_t r = 0; r < rows_.indices.size(); ++r) {
      const double a = static_cast<double>(in.a(rows_.indices[r], l));
      double* expected = rows_.expected.data() + r * n;
      for (std::size_t j = 0; j < n; ++j) expected[j] += a * static_cast<double>(b[j]);
    }
  }
  const double factor = 2 * std::sqrt(static_cast<double>(problem_.k)) * kUnitRoundoff<T>;
  for (std::size_t r = 0; r < rows_.indices.size(); ++r) {
    double norm = 0;
    for (std::int64_t l = 0; l < problem_.k; ++l) norm += square(static_cast<double>(in.a(rows_.indices[r], l)));
    norm = std::sqrt(norm);
    for (std::size_t j = 0; j < n; ++j)
      rows_.tolerance[r * n + j] =
          factor * norm * column_norms[j] + kUnitRoundoff<T> * std::abs(rows_.expected[r * n + j]);
  }
}

template <class T>
void Matmul::Checker<T>::compute_signed_sums(const Input<T>& in) {
  const std::int64_t n = problem_.n, k = problem_.k, m = problem_.m;
  blocks_ = (n + kBlockColumns - 1) / kBlockColumns;
  const RandomStream random(kCheckSeed, 2);
  signs_.resize(static_cast<std::size_t>(n));
  for (std::size_t j = 0; j < signs_.size(); ++j) signs_[j] = random.sign(j);

  std::vector<double> bx(static_cast<std::size_t>(k * blocks_), 0.0);
  std::vector<double> block_norms(static_cast<std::size_t>(blocks_), 0.0);
  for (std::int64_t l = 0; l < k; ++l)
    for (std::int64_t j = 0; j < n; ++j) {
      const double b = static_cast<double>(in.b(l, j));
      bx[static_cast<std::size_t>(l * blocks_ + j / kBlockColumns)] += b * signs_[static_cast<std::size_t>(j)];
      block_norms[static_cast<std::size_t>(j / kBlockColumns)] += b * b;
    }
  for (double& norm : block_norms) norm = std::sqrt(norm);

  sums_.assign(static_cast<std::size_t>(m * blocks_), 0.0);
  sums_bound_.assign(sums_.size(), 0.0);
  const double factor = 2 * std::sqrt(static_cast<double>(k)) * kUnitRoundoff<T>;
  for (std::int64_t i = 0; i < m; ++i) {
    double* sums = sums_.data() + i * blocks_;
    double norm = 0;
    for (std::int64_t l = 0; l < k; ++l) {
      const double a = static_cast<double>(in.a(i, l));
      norm += a * a;
      for (std::int64_t block = 0; block < blocks_; ++block)
        sums[block] += a * bx[static_cast<std::size_t>(l * blocks_ + block)];
    }
    norm = std::sqrt(norm);
    for (std::int64_t block = 0; block < blocks_; ++block)
      sums_bound_[static_cast<std::size_t>(i * blocks_ + block)] =
          factor * norm * block_norms[static_cast<std::size_t>(block)] + kUnitRoundoff<T> * std::abs(sums[block]);
  }
}

template <class T>
Check Matmul::Checker<T>::check_rows(const Output<T>& out) const {
  Examination examination("reference");
  const auto n = static_cast<std::size_t>(problem_.n);
  for (std::size_t r = 0; r < rows_.indices.size(); ++r) {
    const T* c = out.c.row(rows_.indices[r]);
    for (std::size_t j = 0; j < n; ++j) {
      const double found = static_cast<double>(c[j]), expected = rows_.expected[r * n + j];
      const auto where = [&] {
        return "C[" + std::to_string(rows_.indices[r]) + "," + std::to_string(j) + "] is " + std::to_string(found) +
               ", not " + std::to_string(expected);
      };
      if (!examination.passes(std::abs(found - expected), rows_.tolerance[r * n + j], where))
        return examination.result();
    }
  }
  return examination.result();
}

template <class T>
Check Matmul::Checker<T>::check_signed_sums(const Output<T>& out) const {
  Examination examination("freivalds+rows");
  for (std::int64_t i = 0; i < problem_.m; ++i) {
    const T* c = out.c.row(i);
    for (std::int64_t block = 0; block < blocks_; ++block) {
      double sum = 0;
      for (std::int64_t j = block * kBlockColumns; j < std::min((block + 1) * kBlockColumns, problem_.n); ++j)
        sum += static_cast<double>(c[j]) * signs_[static_cast<std::size_t>(j)];
      const auto at = static_cast<std::size_t>(i * blocks_ + block);
      const auto where = [&] {
        return "row " + std::to_string(i) + " of C is wrong in columns from " + std::to_string(block * kBlockColumns);
      };
      if (!examination.passes(std::abs(sum - sums_[at]), sums_bound_[at], where)) return examination.result();
    }
  }
  return examination.result();
}

template <class T>
Check Matmul::Checker<T>::operator()(const Output<T>& out) const {
  Check rows = check_rows(out);
  if (in_full_ || !rows.ok) return rows;
  return check_signed_sums(out);
}

template class Matmul::Checker<float>;
template class Matmul::Checker<double>;

}  // namespace overtake
