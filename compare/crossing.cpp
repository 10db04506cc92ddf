// SPDX-License-Identifier: Apache-2.0
#include "compare/crossing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace overtake::compare {
namespace {

// A bracket, the part between two neighbouring points, is looked at this often; ends of stretches are then bisected.
constexpr int kSteps = 64;

int sign_of(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

// The first of the two ends of [inside, outside] beyond which `holds`, true at `inside`, is false.
template <class Holds>
double boundary(double inside, double outside, Holds holds) {
  for (;;) {
    const double middle = inside + 0.5 * (outside - inside);
    if (middle == inside || middle == outside) return inside;
    (holds(middle) ? inside : outside) = middle;
  }
}

class Curve {
 public:
  explicit Curve(std::span<const CurvePoint> points) : points_(points) {
    for (std::size_t i = 0; i + 1 < points.size(); ++i)
      chords_.push_back((points[i + 1].y - points[i].y) / (points[i + 1].x - points[i].x));
    for (std::size_t i = 0; i < points.size(); ++i) tangents_.push_back(tangent(i));
  }

  // The sure sign at x in bracket i; 0 where there is none.
  int sign(std::size_t i, double x) const {
    const Bounds at = bounds(i, x);
    const double t = (x - points_[i].x) / (points_[i + 1].x - points_[i].x);
    if (at.low - interpolated(i, t, [](const CurvePoint& p) { return p.y - p.low; }) > 0) return 1;
    if (at.high + interpolated(i, t, [](const CurvePoint& p) { return p.high - p.y; }) < 0) return -1;
    return 0;
  }

  double estimate(std::size_t i, double x) const {
    const Bounds at = bounds(i, x);
    const double h = points_[i + 1].x - points_[i].x, t = (x - points_[i].x) / h, s = 1 - t;
    const double cubic = s * s * (1 + 2 * t) * points_[i].y + t * t * (1 + 2 * s) * points_[i + 1].y +
                         h * (s * s * t * tangents_[i] - t * t * s * tangents_[i + 1]);
    return std::clamp(cubic, at.low, at.high);
  }

  std::vector<double> zeros() const {
    std::vector<double> found;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (points_[i].y == 0) found.push_back(points_[i].x);
      if (i + 1 == points_.size() || sign_of(points_[i].y) * sign_of(points_[i + 1].y) >= 0) continue;
      const int first = sign_of(points_[i].y);
      found.push_back(boundary(points_[i].x, points_[i + 1].x, [&](double x) { return estimate(i, x) * first > 0; }));
    }
    return found;
  }

 private:
  struct Bounds {
    double low, high;
  };

  // What the neighbours allow the curve to be, without noise.
  Bounds bounds(std::size_t i, double x) const {
    const CurvePoint &from = points_[i], &to = points_[i + 1];
    if (x <= from.x) return {from.y, from.y};
    if (x >= to.x) return {to.y, to.y};
    const double least = std::min(from.y, to.y), most = std::max(from.y, to.y);
    const bool has_left = i > 0, has_right = i + 2 < points_.size();
    if (!has_left && !has_right) return {least, most};
    const double chord = from.y + chords_[i] * (x - from.x);
    // How far below the chord the extended ones run.
    const double left = has_left ? (chords_[i] - chords_[i - 1]) * (x - from.x) : 0;
    const double right = has_right ? (chords_[i + 1] - chords_[i]) * (to.x - x) : 0;
    double below = 0, above = 0;
    if (has_left && has_right && left * right < 0) {
      // It bends both ways and must come back to both points: a cubic with the neighbours' slopes stays within this.
      const double t = (x - from.x) / (to.x - from.x);
      for (const double distance : {left * (1 - t), right * t}) {
        below = std::max(below, distance);
        above = std::max(above, -distance);
      }
    } else {
      const double distance = !has_left ? right : !has_right ? left : std::abs(left) < std::abs(right) ? left : right;
      below = std::max(0.0, distance);
      above = std::max(0.0, -distance);
    }
    return {std::max(chord - below, least), std::min(chord + above, most)};
  }

  template <class Of>
  double interpolated(std::size_t i, double t, Of of) const {
    const double from = of(points_[i]), to = of(points_[i + 1]);
    if (std::isinf(from) || std::isinf(to)) return t == 0 ? from : t == 1 ? to : std::max(from, to);
    return from + t * (to - from);
  }

  // Of the monotone cubic: 0 where neighbouring chords rise and fall, else their weighted harmonic mean.
  double tangent(std::size_t i) const {
    if (chords_.empty()) return 0;
    if (i == 0) return chords_.front();
    if (i == chords_.size()) return chords_.back();
    const double left = chords_[i - 1], right = chords_[i];
    if (left * right <= 0) return 0;
    const double before = points_[i].x - points_[i - 1].x, after = points_[i + 1].x - points_[i].x;
    const double weight = (before + 2 * after) / (3 * (before + after));
    return left * right / (weight * right + (1 - weight) * left);
  }

  std::span<const CurvePoint> points_;
  std::vector<double> chords_, tangents_;
};

// Walks over the range and notes where the sure sign changes.
class Walk {
 public:
  explicit Walk(double start) : at_(start) {}

  // The sure sign is `next` at x; sign_at() gives it between here and the last x.
  template <class SignAt>
  void step(double x, int next, SignAt sign_at) {
    if (is_first_) {
      if (next == 0) open_ = Stretch{x, x, 0, 0, {}};
    } else if (next != sign_) {
      const int last = sign_;
      const double leaves = boundary(at_, x, [&](double p) { return sign_at(p) == last; });
      const double enters = boundary(x, at_, [&](double p) { return sign_at(p) == next; });
      if (last != 0) open_ = Stretch{leaves, x, last, 0, {}};
      if (next != 0) {
        open_.high = enters;
        open_.after = next;
        stretches_.push_back(open_);
      }
    }
    is_first_ = false;
    sign_ = next;
    at_ = x;
  }

  std::vector<Stretch> finish() {
    if (!is_first_ && sign_ == 0) {
      open_.high = at_;
      open_.after = 0;
      stretches_.push_back(open_);
    }
    return std::move(stretches_);
  }

 private:
  bool is_first_ = true;
  int sign_ = 0;
  double at_;
  Stretch open_{0, 0, 0, 0, {}};
  std::vector<Stretch> stretches_;
};

}  // namespace

std::vector<Stretch> uncertain_stretches(std::span<const CurvePoint> points) {
  if (points.empty()) return {};
  const CurvePoint& first = points.front();
  if (points.size() == 1) {
    if (first.low > 0 || first.high < 0) return {};
    return {{first.x, first.x, 0, 0, first.y == 0 ? std::vector<double>{first.x} : std::vector<double>{}}};
  }
  const Curve curve(points);
  Walk walk(first.x);
  for (std::size_t i = 0; i + 1 < points.size(); ++i)
    for (int step = i == 0 ? 0 : 1; step <= kSteps; ++step) {
      const double width = points[i + 1].x - points[i].x;
      const double x = step == kSteps ? points[i + 1].x : points[i].x + width * step / kSteps;
      walk.step(x, curve.sign(i, x), [&](double p) { return curve.sign(i, p); });
    }
  auto stretches = walk.finish();
  for (const double zero : curve.zeros())
    for (Stretch& stretch : stretches)
      if (zero >= stretch.low && zero <= stretch.high) {
        stretch.zeros.push_back(zero);
        break;
      }
  return stretches;
}

}  // namespace overtake::compare
