// SPDX-License-Identifier: Apache-2.0
#include "compare/matching.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <unordered_map>

#include "compare/text.h"
#include "core/error.h"

namespace overtake::compare {
namespace {

using Kind = Dimension::Kind;
using Index = std::unordered_map<std::string, const Measured*>;

constexpr std::string_view kParam = "param:";

enum class Field { scope, dtype, shape, params, workers };
constexpr std::array<Field, 5> kFields = {Field::scope, Field::dtype, Field::shape, Field::params, Field::workers};

Cell without(Cell cell, Field field) {
  switch (field) {
    case Field::scope:
      cell.scope = {};
      break;
    case Field::dtype:
      cell.dtype = {};
      break;
    case Field::shape:
      cell.shape = {};
      break;
    case Field::params:
      cell.params = {};
      break;
    case Field::workers:
      cell.workers = {};
      break;
  }
  return cell;
}

std::string difference_in(Field field, const Cell& a, const Cell& b) {
  const auto says = [](std::string_view name, std::string_view from, std::string_view to) {
    return fmt::format("{}: {}, {}", name, from.empty() ? "none" : from, to.empty() ? "none" : to);
  };
  switch (field) {
    case Field::scope:
      return says("scope differs", to_string(a.scope), to_string(b.scope));
    case Field::dtype:
      return says("dtype differs", to_string(a.dtype), to_string(b.dtype));
    case Field::shape:
      return says("shape differs", shape_text(a.shape), shape_text(b.shape));
    case Field::params:
      return says("params differ", a.params.to_string(), b.params.to_string());
    case Field::workers:
      return says("workers asked for differ", a.workers.to_string(), b.workers.to_string());
  }
  return "";
}

// Pairs what was left over and differs in a single field; those pairs leave both lists.
void pair_neighbours(std::vector<const Measured*>& base, std::vector<const Measured*>& other,
                     std::vector<Match>& matches) {
  for (const Field field : kFields) {
    if (base.empty() || other.empty()) return;
    std::unordered_map<std::string, std::vector<const Measured*>> waiting;
    for (const Measured* cell : other) waiting[key_of(without(cell->cell, field))].push_back(cell);
    std::set<const Measured*> taken;
    for (const Measured* cell : base) {
      const auto at = waiting.find(key_of(without(cell->cell, field)));
      if (at == waiting.end() || at->second.empty()) continue;
      const Measured* neighbour = at->second.front();
      at->second.erase(at->second.begin());
      matches.push_back({cell, neighbour, difference_in(field, cell->cell, neighbour->cell)});
      taken.insert({cell, neighbour});
    }
    const auto is_taken = [&](const Measured* cell) { return taken.contains(cell); };
    std::erase_if(base, is_taken);
    std::erase_if(other, is_taken);
  }
}

std::vector<Match> match_systems(const std::vector<Measured>& base, const std::vector<Measured>& other) {
  std::unordered_map<std::string, std::size_t> places;
  places.reserve(other.size());
  for (std::size_t i = 0; i < other.size(); ++i) places[key_of(other[i].cell)] = i;
  std::vector<Match> matches;
  matches.reserve(base.size());
  std::vector<bool> is_matched(other.size(), false);
  std::vector<const Measured*> only_base, only_other;
  for (const Measured& cell : base) {
    const auto at = places.find(key_of(cell.cell));
    if (at == places.end()) {
      only_base.push_back(&cell);
      continue;
    }
    matches.push_back({&cell, &other[at->second], ""});
    is_matched[at->second] = true;
  }
  for (std::size_t i = 0; i < other.size(); ++i)
    if (!is_matched[i]) only_other.push_back(&other[i]);
  pair_neighbours(only_base, only_other, matches);
  for (const Measured* cell : only_base) matches.push_back({cell, nullptr, ""});
  for (const Measured* cell : only_other) matches.push_back({nullptr, cell, ""});
  return matches;
}

Cell without(Cell cell, const Dimension& dimension) {
  if (dimension.kind == Kind::variant) cell.variant.clear();
  if (dimension.kind == Kind::workers) cell.workers = {};
  if (dimension.kind == Kind::param) {
    KeyValues params;
    for (const auto& [key, value] : cell.params)
      if (key != dimension.param) params.set(key, std::string_view(value));
    cell.params = params;
  }
  return cell;
}

bool is_left_out(const Measured& cell, const Baselines& baselines) {
  const auto at = baselines.find(cell.cell.workload);
  return is_aa(cell.cell) || (at != baselines.end() && at->second.empty());
}

// Is `cell` the better base than `present`?
bool replaces(const Measured& cell, const Measured& present, const Dimension& dimension, const Baselines& baselines) {
  if (dimension.kind == Kind::variant) {
    const auto at = baselines.find(cell.cell.workload);
    return at != baselines.end() && cell.cell.variant == at->second && present.cell.variant != at->second;
  }
  if (dimension.kind == Kind::workers)
    return cell.cell.workers.count != 0 &&
           (present.cell.workers.count == 0 || cell.cell.workers.count < present.cell.workers.count);
  return false;
}

class Bases {
 public:
  Bases(const std::vector<Measured>& cells, const Dimension& dimension, const Baselines& baselines)
      : dimension_(dimension) {
    for (const Measured& cell : cells) {
      if (is_left_out(cell, baselines) || cell.status == RowStatus::skipped) continue;
      const auto put = [&](Index& index, const std::string& key) {
        const auto [at, is_new] = index.try_emplace(key, &cell);
        if (!is_new && replaces(cell, *at->second, dimension, baselines)) at->second = &cell;
      };
      const Cell plain = without(cell.cell, dimension);
      put(exact_, key_of(plain));
      // A serial baseline has one worker only: it is the base of any number.
      const auto named = baselines.find(cell.cell.workload);
      if (dimension.kind == Kind::variant && named != baselines.end() && cell.cell.variant == named->second)
        put(any_workers_, key_of(without(plain, Field::workers)));
    }
  }

  const Measured* of(const Cell& cell) const {
    const Cell plain = without(cell, dimension_);
    if (const auto at = any_workers_.find(key_of(without(plain, Field::workers))); at != any_workers_.end()) {
      const auto same = exact_.find(key_of(plain));
      const bool is_baseline = same != exact_.end() && same->second->cell.variant == at->second->cell.variant;
      return is_baseline ? same->second : at->second;
    }
    const auto at = exact_.find(key_of(plain));
    return at == exact_.end() ? nullptr : at->second;
  }

 private:
  const Dimension& dimension_;
  Index exact_, any_workers_;
};

}  // namespace

Dimension Dimension::parse(const std::string& text) {
  if (text == "system") return {};
  if (text == "variant") return {Kind::variant, ""};
  if (text == "workers") return {Kind::workers, ""};
  if (text.starts_with(kParam) && text.size() > kParam.size()) return {Kind::param, text.substr(kParam.size())};
  throw UsageError("--by " + text + ": expected system, variant, workers or param:NAME");
}

std::string Dimension::to_string() const {
  static constexpr std::array<const char*, 3> kNames = {"system", "variant", "workers"};
  return kind == Kind::param ? std::string(kParam) + param : kNames[static_cast<std::size_t>(kind)];
}

std::string Dimension::value_of(const Cell& cell) const {
  if (kind == Kind::variant) return cell.variant;
  if (kind == Kind::workers) return cell.workers.to_string();
  if (kind == Kind::param) return param + "=" + cell.params.find(param).value_or("");
  return "";
}

std::vector<Match> match(const std::vector<Measured>& base, const std::vector<Measured>& other,
                         const Dimension& dimension, const Baselines& baselines) {
  if (dimension.kind == Kind::system) return match_systems(base, other);
  const Bases bases(base, dimension, baselines);
  std::vector<Match> matches;
  for (const Measured& cell : other) {
    if (is_left_out(cell, baselines) || cell.status == RowStatus::skipped) continue;
    const Measured* against = bases.of(cell.cell);
    if (against != nullptr && key_of(against->cell) == key_of(cell.cell)) continue;
    matches.push_back({against, &cell, ""});
  }
  return matches;
}

}  // namespace overtake::compare
