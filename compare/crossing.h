// SPDX-License-Identifier: Apache-2.0
// Where a curve that is known at a few places, each with an interval, crosses zero. For break-even points, which ask
// where the logarithm of a ratio of times changes its sign.
#pragma once

#include <limits>
#include <span>
#include <vector>

namespace overtake::compare {

/// The curve at one place.
struct CurvePoint {
  double x, y;
  double low = -std::numeric_limits<double>::infinity();  // interval of y; infinite where there is none
  double high = std::numeric_limits<double>::infinity();
};

/// Places where the sign is not sure.
struct Stretch {
  double low, high;           // within the range of the points
  int before, after;          // the sure sign on either side: -1 or 1; 0: the stretch reaches the end of the range
  std::vector<double> zeros;  // of the curve drawn through the points
  bool is_crossing() const { return before * after < 0; }
};

/// Every stretch of the range where a band around the curve contains 0, in ascending order. x of the points ascends
/// strictly.
///
/// Between two neighbouring points the curve is taken to be monotone. Where it bends the same way at both it lies
/// between the chord and the chords of the brackets on either side, extended: exact for a curve whose curvature keeps
/// its sign over these three brackets. Where one of the outer brackets does not exist, only the other bounds the curve;
/// between two points without any others all that is known is that it lies between their values. The band adds to that
/// the points' intervals, interpolated. Its pointwise confidence is then at least that of the intervals. Zeros are
/// those of the monotone cubic interpolant (F. N. Fritsch and J. Butland, "A method for constructing local monotone
/// piecewise cubic interpolants", SIAM Journal on Scientific and Statistical Computing 5, 1984) within these bounds.
std::vector<Stretch> uncertain_stretches(std::span<const CurvePoint> points);

}  // namespace overtake::compare
