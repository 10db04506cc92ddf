// SPDX-License-Identifier: Apache-2.0
// The checker of matmul. Everything that does not depend on the answer is computed once, because an answer is checked
// after every timed sample.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "core/workload/matmul.h"
#include "core/workload/matmul_precision.h"

namespace overtake {
namespace {

constexpr std::int64_t kRowsInFull = 64, kRowsAtOnce = 8;
constexpr double kInFullBelowProducts = 4e6;
constexpr Seed kCheckSeed{0x5eed};

// Then every element brings its own rounding error, not the sum.
template <class T>
constexpr bool kRoundsMostOnOutput = kMatmulPrecision<T>.output > kMatmulPrecision<T>.sum;

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
  constexpr MatmulPrecision kPrecision = kMatmulPrecision<T>;
  std::vector<double> squares(kPrecision.operand > 0 ? rows_.expected.size() : 0);  // of the products
  // Row l of B is read once for all rows of the check.
  for (std::int64_t l = 0; l < problem_.k; ++l) {
    const T* b = in.b.row(l);
    for (std::size_t r = 0; r < rows_.indices.size(); ++r) {
      const double a = static_cast<double>(in.a(rows_.indices[r], l));
      double* expected = rows_.expected.data() + r * n;
      for (std::size_t j = 0; j < n; ++j) expected[j] += a * static_cast<double>(b[j]);
      if constexpr (kPrecision.operand > 0)
        for (std::size_t j = 0; j < n; ++j) squares[r * n + j] += square(a * static_cast<double>(b[j]));
    }
  }
  const double factor = 2 * std::sqrt(static_cast<double>(problem_.k)) * kPrecision.sum;
  for (std::size_t r = 0; r < rows_.indices.size(); ++r) {
    double norm = 0;
    for (std::int64_t l = 0; l < problem_.k; ++l) norm += square(static_cast<double>(in.a(rows_.indices[r], l)));
    norm = std::sqrt(norm);
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t at = r * n + j;
      rows_.tolerance[at] = factor * norm * column_norms[j] + kPrecision.output * std::abs(rows_.expected[at]);
      if constexpr (kPrecision.operand > 0)
        rows_.tolerance[at] += rounding_of_operands(kPrecision.operand, rows_.expected[at], squares[at]);
    }
  }
}

template <class T>
void Matmul::Checker<T>::compute_signed_sums(const Input<T>& in) {
  constexpr MatmulPrecision kPrecision = kMatmulPrecision<T>;
  const std::int64_t n = problem_.n, k = problem_.k, m = problem_.m;
  blocks_ = (n + kPrecision.block_columns - 1) / kPrecision.block_columns;
  const RandomStream random(kCheckSeed, 2);
  signs_.resize(static_cast<std::size_t>(n));
  for (std::size_t j = 0; j < signs_.size(); ++j) signs_[j] = random.sign(j);

  // Row l of B: its signed sum in each block, and where operands are rounded what that can change, squared.
  const auto all = static_cast<std::size_t>(k * blocks_);
  std::vector<double> bx(all, 0.0), b_squares(kPrecision.operand > 0 ? all : 0);
  std::vector<double> block_norms(static_cast<std::size_t>(blocks_), 0.0);
  for (std::int64_t l = 0; l < k; ++l)
    for (std::int64_t j = 0; j < n; ++j) {
      const double b = static_cast<double>(in.b(l, j));
      const std::int64_t block = j / kPrecision.block_columns;
      bx[static_cast<std::size_t>(l * blocks_ + block)] += b * signs_[static_cast<std::size_t>(j)];
      block_norms[static_cast<std::size_t>(block)] += b * b;
      if constexpr (kPrecision.operand > 0) b_squares[static_cast<std::size_t>(l * blocks_ + block)] += b * b;
    }
  for (double& norm : block_norms) norm = std::sqrt(norm);
  // An operand from A rounded changes the sum as a whole, one from B its own product: their mean, as there are as many.
  for (std::size_t i = 0; i < b_squares.size(); ++i) b_squares[i] = (b_squares[i] + square(bx[i])) / 2;

  sums_.assign(static_cast<std::size_t>(m * blocks_), 0.0);
  sums_bound_.assign(sums_.size(), 0.0);
  for (std::int64_t first = 0; first < m; first += kRowsAtOnce)
    add_signed_rows(in, first, std::min(first + kRowsAtOnce, m), bx, b_squares, block_norms);
}

// Several rows at a time, because what there is of B exceeds the caches where blocks are narrow.
template <class T>
void Matmul::Checker<T>::add_signed_rows(const Input<T>& in, std::int64_t first, std::int64_t last,
                                         const std::vector<double>& bx, const std::vector<double>& b_squares,
                                         const std::vector<double>& block_norms) {
  constexpr MatmulPrecision kPrecision = kMatmulPrecision<T>;
  const auto blocks = static_cast<std::size_t>(blocks_);
  std::vector<double> norms(static_cast<std::size_t>(last - first), 0.0);
  std::vector<double> squares(b_squares.empty() ? 0 : norms.size() * blocks);
  for (std::int64_t l = 0; l < problem_.k; ++l) {
    const double* of_b = bx.data() + l * blocks_;
    for (std::int64_t i = first; i < last; ++i) {
      const double a = static_cast<double>(in.a(i, l));
      const auto row = static_cast<std::size_t>(i - first);
      norms[row] += a * a;
      double* sums = sums_.data() + i * blocks_;
      for (std::size_t block = 0; block < blocks; ++block) sums[block] += a * of_b[block];
      if constexpr (kPrecision.operand > 0)
        for (std::size_t block = 0; block < blocks; ++block)
          squares[row * blocks + block] += a * a * b_squares[static_cast<std::size_t>(l) * blocks + block];
    }
  }
  const double factor = 2 * std::sqrt(static_cast<double>(problem_.k)) * kPrecision.sum;
  for (std::size_t row = 0; row < norms.size(); ++row)
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::size_t at = (static_cast<std::size_t>(first) + row) * blocks + block;
      sums_bound_[at] = factor * std::sqrt(norms[row]) * block_norms[block];
      if constexpr (!kRoundsMostOnOutput<T>) sums_bound_[at] += kPrecision.output * std::abs(sums_[at]);
      if constexpr (kPrecision.operand > 0)
        sums_bound_[at] += rounding_of_operands(kPrecision.operand, sums_[at], squares[row * blocks + block]);
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
  constexpr std::int64_t kColumns = kMatmulPrecision<T>.block_columns;
  Examination examination("freivalds+rows");
  for (std::int64_t i = 0; i < problem_.m; ++i) {
    const T* c = out.c.row(i);
    for (std::int64_t block = 0; block < blocks_; ++block) {
      double sum = 0, squares = 0;
      for (std::int64_t j = block * kColumns; j < std::min((block + 1) * kColumns, problem_.n); ++j) {
        const auto found = static_cast<double>(c[j]);
        sum += found * signs_[static_cast<std::size_t>(j)];
        if constexpr (kRoundsMostOnOutput<T>) squares += found * found;
      }
      const auto at = static_cast<std::size_t>(i * blocks_ + block);
      double tolerance = sums_bound_[at];
      // Not where something is infinite: it would allow itself.
      if (kRoundsMostOnOutput<T> && std::isfinite(squares))
        tolerance += rounding_of_many(square(kMatmulPrecision<T>.output) * squares);
      const auto where = [&] {
        return "row " + std::to_string(i) + " of C is wrong in columns from " + std::to_string(block * kColumns);
      };
      if (!examination.passes(std::abs(sum - sums_[at]), tolerance, where)) return examination.result();
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
template class Matmul::Checker<Bf16>;
template class Matmul::Checker<Tf32>;

}  // namespace overtake
