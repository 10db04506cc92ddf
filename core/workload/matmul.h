// SPDX-License-Identifier: Apache-2.0
// The workload matmul: C = A B, row-major, f32, f64, bf16 and tf32. Problem, inputs, checker and cost; variants are in
// cpu/matmul and gpu/matmul.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/memory/arena.h"
#include "core/memory/view.h"
#include "core/workload/l2_param.h"
#include "core/workload/transfer.h"
#include "core/workload/workload.h"

namespace overtake {

struct Matmul {
  static constexpr std::string_view name = "matmul", baseline = "serial";
  static constexpr std::string_view size_help = "N or MxNxK", rate_unit = "GFLOP/s";
  static constexpr std::array<std::string_view, 3> param_names = {"pad", kL2Param, kTransferParam};
  static constexpr bool has_f64 = true, has_tensor_types = true;

  /// A is m x k, B is k x n, C is m x n; each may be 0. `pad`: elements between the end of a row and the next row's
  /// begin, the same for all three (strided views). `cold_l2`: a GPU's L2 cache is made to hold something else before
  /// each run.
  struct Problem {
    std::int64_t m = 0, n = 0, k = 0, pad = 0;
    bool cold_l2 = false;
    Transfer transfer = Transfer::pageable;  // to and from a GPU
    static Problem from(const KeyValues& shape, const KeyValues& params);
    KeyValues shape() const;
    Problem shrunk(std::int64_t divisor) const;
  };

  /// Elements uniform in [-1, 1).
  template <class T>
  struct Input {
    Input(const Problem&, Arena&, const InputSource&);
    Problem problem;
    View<T> a, b;
  };

  template <class T>
  struct Output {
    Output(const Problem&, const Input<T>&, Arena&);
    void poison();
    View<T> c;
  };

  /// Small problems: every element against a product in double precision, within
  /// 2 sqrt(k) u |a_i| |b_j| + u |c_ij|, the probabilistic bound of Higham and Mary, "A new approach to probabilistic
  /// rounding error analysis", SIAM J. Sci. Comput. 41 (2019), plus the rounding of the output.
  /// Large ones: Freivalds' check (1977), C x = A (B x) with random signs x in double precision, separately for every
  /// 512 columns, so that the bound 2 sqrt(k) u |a_i| |B_block|_F stays far below one wrong element; and 64 random
  /// rows in full, with the bound of small problems. What bf16 and tf32 round besides: matmul_precision.h.
  template <class T>
  class Checker {
   public:
    explicit Checker(const Input<T>& input);
    Check operator()(const Output<T>& output) const;

   private:
    struct Rows {
      std::vector<std::int64_t> indices;
      std::vector<double> expected, tolerance;  // indices.size() x n
    };
    void choose_rows();
    void compute_rows(const Input<T>&);
    void compute_signed_sums(const Input<T>&);
    void add_signed_rows(const Input<T>&, std::int64_t first, std::int64_t last, const std::vector<double>& bx,
                         const std::vector<double>& b_squares, const std::vector<double>& block_norms);
    Check check_rows(const Output<T>&) const;
    Check check_signed_sums(const Output<T>&) const;

    Problem problem_;
    bool in_full_;
    Rows rows_;
    std::int64_t blocks_ = 0;
    std::vector<double> signs_;              // n
    std::vector<double> sums_, sums_bound_;  // m x blocks_
  };

  template <class T>
  struct Fault {
    std::string_view name;
    void (*plant)(const Input<T>&, Output<T>&);
  };
  template <class T>
  static std::span<const Fault<T>> faults();

  /// 2 m n k flops; A, B and C once.
  static Cost cost(const Problem&, Dtype);
  static KeyValues parse_size(std::string_view size);

  template <class T, class V>
  static void load(V& variant, const Input<T>& input, Output<T>& output) {
    variant.load(View<const T>(input.a), View<const T>(input.b), output.c);
  }
};

}  // namespace overtake
