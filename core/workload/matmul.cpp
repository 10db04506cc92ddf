// SPDX-License-Identifier: Apache-2.0
#include "core/workload/matmul.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/registry/workload_info.h"

namespace overtake {
namespace {

constexpr std::uint64_t kStreamA = 1, kStreamB = 2;

template <class T>
View<T> allocate(Arena& arena, std::int64_t rows, std::int64_t cols, std::int64_t pad) {
  const std::int64_t stride = cols + pad;
  return {arena.allocate<T>(static_cast<std::size_t>(rows * stride)).data(), rows, cols, stride};
}

template <class T>
void fill(View<T> view, RandomStream random) {
  for (std::int64_t i = 0; i < view.rows; ++i)
    for (std::int64_t j = 0; j < view.cols; ++j)
      view(i, j) = random.symmetric<T>(static_cast<std::uint64_t>(i * view.cols + j));
}

// A typical element of C is a sum of k products of two uniform numbers in [-1, 1): standard deviation sqrt(k) / 3.
template <class T>
void add_tenth_of_typical(const Matmul::Problem& p, T& element) {
  const double tenth = std::sqrt(static_cast<double>(std::max<std::int64_t>(p.k, 1))) / 30.0;
  element = static_cast<T>(element + static_cast<Accumulator<T>>(tenth));
}

template <class T>
constexpr std::array<Matmul::Fault<T>, 5> kFaults = {{
    {"one wrong element",
     [](const Matmul::Input<T>& in, Matmul::Output<T>& out) {
       add_tenth_of_typical(in.problem, out.c(out.c.rows / 2, out.c.cols / 3));
     }},
    {"wrong boundary row",
     [](const Matmul::Input<T>& in, Matmul::Output<T>& out) {
       for (std::int64_t j = 0; j < out.c.cols; ++j) add_tenth_of_typical(in.problem, out.c(out.c.rows - 1, j));
     }},
    {"doubled result",
     [](const Matmul::Input<T>&, Matmul::Output<T>& out) {
       for (std::int64_t i = 0; i < out.c.rows; ++i)
         for (std::int64_t j = 0; j < out.c.cols; ++j) out.c(i, j) = static_cast<T>(2 * out.c(i, j));
     }},
    {"NaN",
     [](const Matmul::Input<T>&, Matmul::Output<T>& out) {
       out.c(out.c.rows - 1, out.c.cols - 1) = std::numeric_limits<T>::quiet_NaN();
     }},
    {"Inf", [](const Matmul::Input<T>&, Matmul::Output<T>& out) { out.c(0, 0) = std::numeric_limits<T>::infinity(); }},
}};

}  // namespace

Matmul::Problem Matmul::Problem::from(const KeyValues& shape, const KeyValues& params) {
  const Problem p{shape.integer("m"),       shape.integer("n"),        shape.integer("k"),
                  params.integer("pad", 0), overtake::cold_l2(params), transfer_of(params)};
  for (const std::int64_t extent : {p.m, p.n, p.k, p.pad})
    if (extent < 0 || extent > (std::int64_t{1} << 30))
      throw UsageError("matmul " + shape.to_string() + " pad=" + std::to_string(p.pad) +
                       ": each must be from 0 to 2^30");
  return p;
}

KeyValues Matmul::Problem::shape() const {
  KeyValues out;
  out.set("m", m);
  out.set("n", n);
  out.set("k", k);
  return out;
}

Matmul::Problem Matmul::Problem::shrunk(std::int64_t divisor) const {
  const auto less = [&](std::int64_t x) { return x == 0 ? 0 : std::max<std::int64_t>(x / divisor, 1); };
  return {less(m), less(n), less(k), pad, cold_l2, transfer};
}

template <class T>
Matmul::Input<T>::Input(const Problem& p, Arena& arena, const InputSource& source)
    : problem(p), a(allocate<T>(arena, p.m, p.k, p.pad)), b(allocate<T>(arena, p.k, p.n, p.pad)) {
  if (source.attached) return;
  fill(a, RandomStream(source.seed, kStreamA));
  fill(b, RandomStream(source.seed, kStreamB));
}

template <class T>
Matmul::Output<T>::Output(const Problem& p, const Input<T>&, Arena& arena) : c(allocate<T>(arena, p.m, p.n, p.pad)) {}

template <class T>
void Matmul::Output<T>::poison() {
  for (std::int64_t i = 0; i < c.rows; ++i) std::fill_n(c.row(i), c.cols, std::numeric_limits<T>::quiet_NaN());
}

template <class T>
std::span<const Matmul::Fault<T>> Matmul::faults() {
  return kFaults<T>;
}

Cost Matmul::cost(const Problem& p, Dtype dtype) {
  const double m = static_cast<double>(p.m), n = static_cast<double>(p.n), k = static_cast<double>(p.k);
  const double element = static_cast<double>(size_of(dtype));
  // CPUs compute bf16 and tf32 with multiply-adds of f32.
  return {.flops = 2 * m * n * k,
          .bytes_read = (m * k + k * n) * element,
          .bytes_written = m * n * element,
          .fma = dtype == Dtype::bf16 || dtype == Dtype::tf32 ? Dtype::f32 : dtype};
}

KeyValues Matmul::parse_size(std::string_view size) {
  std::array<std::int64_t, 3> extents{};
  std::size_t count = 0;
  std::string_view rest = size;
  const auto bad = [&] {
    return UsageError("--size " + std::string(size) +
                      ": matmul takes N or MxNxK, numbers from 0 to 2^30, as in 1024 or 4096x64x4096");
  };
  while (true) {
    if (count == 3) throw bad();
    const auto result = std::from_chars(rest.data(), rest.data() + rest.size(), extents[count]);
    if (result.ec != std::errc{} || extents[count] < 0 || extents[count] > (std::int64_t{1} << 30)) throw bad();
    ++count;
    rest.remove_prefix(static_cast<std::size_t>(result.ptr - rest.data()));
    if (rest.empty()) break;
    if (rest.front() != 'x') throw bad();
    rest.remove_prefix(1);
  }
  if (count == 1)
    extents = {extents[0], extents[0], extents[0]};
  else if (count == 2)
    throw bad();
  return Problem{extents[0], extents[1], extents[2]}.shape();
}

template struct Matmul::Input<float>;
template struct Matmul::Input<double>;
template struct Matmul::Input<Bf16>;
template struct Matmul::Input<Tf32>;
template struct Matmul::Output<float>;
template struct Matmul::Output<double>;
template struct Matmul::Output<Bf16>;
template struct Matmul::Output<Tf32>;
template std::span<const Matmul::Fault<float>> Matmul::faults<float>();
template std::span<const Matmul::Fault<double>> Matmul::faults<double>();
template std::span<const Matmul::Fault<Bf16>> Matmul::faults<Bf16>();
template std::span<const Matmul::Fault<Tf32>> Matmul::faults<Tf32>();

OVERTAKE_WORKLOAD(Matmul);

}  // namespace overtake
