// SPDX-License-Identifier: Apache-2.0
// The part of breakeven.h that lays break-even points out for machines.
#include "compare/breakeven.h"
#include "compare/json.h"

namespace overtake::compare {
namespace {

using nlohmann::ordered_json;

ordered_json side_json(Side side) {
  return side == Side::neither ? ordered_json(nullptr) : ordered_json(side == Side::a ? "a" : "b");
}

ordered_json crossing_json(const Crossing& crossing) {
  return {{"low", crossing.low},
          {"estimate", json_number(crossing.estimate)},
          {"high", crossing.high},
          {"faster_before", side_json(crossing.before)},
          {"faster_after", side_json(crossing.after)},
          {"sure", crossing.is_sure()}};
}

ordered_json by_size_json(const BreakEven& item) {
  ordered_json out = {{"workload", item.workload}, {"dtype", to_string(item.dtype)}, {"scope", to_string(item.scope)}};
  out["params"] = json_object(item.params);
  out["fixed"] = item.fixed;
  out["size"] = item.axis;
  out["a"] = item.a;
  out["b"] = item.b;
  out["workers_asked_a"] = item.workers_a.to_string();
  out["workers_asked_b"] = item.workers_b.to_string();
  out["points"] = ordered_json::array();
  for (const SizePoint& point : item.points)
    out["points"].push_back({{"size", point.size},
                             {"shape", json_object(point.shape)},
                             {"seconds_a", json_number(point.seconds_a)},
                             {"seconds_b", json_number(point.seconds_b)},
                             {"ratio", json_ratio(point.ratio)},
                             {"faster", side_json(point.faster)}});
  out["always_faster"] = side_json(item.always());
  out["crossings"] = ordered_json::array();
  for (const Crossing& crossing : item.crossings) out["crossings"].push_back(crossing_json(crossing));
  out["notes"] = item.notes;
  return out;
}

ordered_json by_calls_json(const CallsBreakEven& item) {
  ordered_json out = {{"workload", item.workload}, {"dtype", to_string(item.dtype)}};
  out["params"] = json_object(item.params);
  out["shape"] = json_object(item.shape);
  out["a"] = item.a;
  out["b"] = item.b;
  out["faster_once"] = side_json(item.once);
  out["faster_often"] = side_json(item.often);
  out["estimate"] = json_number(item.estimate);
  out["low"] = item.has_interval ? ordered_json(item.low) : ordered_json(nullptr);
  out["high"] = item.has_interval ? json_number(item.high) : ordered_json(nullptr);
  out["measured"] = ordered_json::array();
  for (const MeasuredCalls& at : item.measured)
    out["measured"].push_back({{"calls", at.calls},
                               {"seconds_a", json_number(at.seconds_a)},
                               {"predicted_a", json_number(at.predicted_a)},
                               {"seconds_b", json_number(at.seconds_b)},
                               {"predicted_b", json_number(at.predicted_b)},
                               {"ratio", json_ratio(at.ratio)},
                               {"predicted_ratio", json_ratio(at.predicted)},
                               {"agrees", at.agrees()}});
  return out;
}

}  // namespace

ordered_json break_evens_json(const BreakEvens& all) {
  ordered_json out = {{"a", all.ways.a.to_string()}, {"b", all.ways.b.to_string()}, {"confidence", all.confidence}};
  out["by_size"] = ordered_json::array();
  for (const BreakEven& item : all.by_size) out["by_size"].push_back(by_size_json(item));
  out["by_calls"] = ordered_json::array();
  for (const CallsBreakEven& item : all.by_calls) out["by_calls"].push_back(by_calls_json(item));
  return out;
}

}  // namespace overtake::compare
