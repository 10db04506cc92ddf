// SPDX-License-Identifier: Apache-2.0
#include "compare/overtaking.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compare/text.h"

namespace overtake::compare {
namespace {

constexpr std::size_t kMostNamedTies = 4;

// One way against the baseline, over the sizes where both were measured.
struct Contest {
  std::string way;
  std::vector<std::size_t> sizes;  // indices into the family's
  std::vector<Question> questions;
  std::vector<Verdict> verdicts;
  std::vector<double> speedups;

  bool wins(std::size_t i) const { return verdicts[i] == Verdict::faster; }
  std::size_t wins() const {
    return static_cast<std::size_t>(std::count(verdicts.begin(), verdicts.end(), Verdict::faster));
  }
};

std::string times_text(double speedup) { return ratio_text(speedup) + "x"; }

// All at once: the more ratios are looked at, the surer each must be.
void judge_contests(std::vector<Contest>& contests, const Limits& limits) {
  std::vector<Question> all;
  for (const Contest& contest : contests) all.insert(all.end(), contest.questions.begin(), contest.questions.end());
  const auto answers = judge_together(all, limits);
  auto answer = answers.begin();
  for (Contest& contest : contests)
    for (std::size_t i = 0; i < contest.questions.size(); ++i) contest.verdicts.push_back((answer++)->verdict);
}

std::vector<Contest> contests_of(const Family& family, const std::string& baseline, const Limits& limits) {
  std::vector<Contest> contests;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < family.sizes.size(); ++i) {
    const Measured* base = baseline_cell(*family.sizes[i], baseline);
    if (base == nullptr) continue;
    for (const Measured* cell : family.sizes[i]->cells) {
      if (cell == base || !cell->is_ok()) continue;
      const auto [place, is_new] =
          places.try_emplace(cell->cell.variant + '/' + cell->cell.workers.to_string(), contests.size());
      if (is_new) contests.push_back({.way = cell->way()});
      Contest& contest = contests[place->second];
      contest.sizes.push_back(i);
      contest.questions.push_back({.ratio = hodges_lehmann_ratio(base->seconds, cell->seconds)});
      contest.speedups.push_back(1 / contest.questions.back().ratio.estimate);
    }
  }
  judge_contests(contests, limits);
  return contests;
}

std::string best_text(const Family& family, const Contest& contest) {
  const auto best = std::max_element(contest.speedups.begin(), contest.speedups.end()) - contest.speedups.begin();
  return fmt::format("at best {} at {}", times_text(contest.speedups[best]), family.short_names[contest.sizes[best]]);
}

std::string undecided_text(const Family& family, const Contest& contest) {
  std::vector<std::string> sizes;
  for (std::size_t i = 0; i < contest.sizes.size(); ++i)
    if (contest.verdicts[i] == Verdict::undecided) sizes.push_back(family.short_names[contest.sizes[i]]);
  return sizes.empty() ? "" : fmt::format("; the samples do not decide at {}", list_text(sizes));
}

// For a way that wins at some size of several.
std::string winner_sentence(const Family& family, const Contest& contest, const std::string& baseline) {
  const std::size_t count = contest.sizes.size(), wins = contest.wins();
  const auto name = [&](std::size_t i) { return family.names[contest.sizes[i]]; };
  const auto last_speedup =
      fmt::format("{} at {}", times_text(contest.speedups.back()), family.short_names[contest.sizes.back()]);
  std::size_t first = 0;
  while (!contest.wins(first)) ++first;
  const std::string start = fmt::format("{} overtakes {}", contest.way, baseline);
  if (wins == count)
    return fmt::format("{} at every size measured ({} at {}, {})", start, times_text(contest.speedups.front()),
                       family.short_names[contest.sizes.front()], last_speedup);
  const std::string undecided = undecided_text(family, contest);
  if (first + 1 == count)
    return fmt::format("{} at {}, the largest size measured ({}){}", start, name(first),
                       times_text(contest.speedups.back()), undecided);
  if (first + wins == count) return fmt::format("{} from {} on ({}){}", start, name(first), last_speedup, undecided);
  std::vector<std::string> sizes;
  for (std::size_t i = 0; i < count; ++i)
    if (contest.wins(i))
      sizes.push_back(fmt::format("{} ({})", sizes.empty() ? name(i) : family.short_names[contest.sizes[i]],
                                  times_text(contest.speedups[i])));
  return fmt::format("{} only at {}, of {} sizes{}", start, list_text(sizes), count, undecided);
}

std::vector<std::string> sentences_over_sizes(const Family& family, const std::vector<Contest>& contests,
                                              const std::string& baseline) {
  std::vector<std::string> sentences, losers;
  for (const Contest& contest : contests) {
    if (contest.wins() > 0)
      sentences.push_back(winner_sentence(family, contest, baseline) + ".");
    else if (const std::string undecided = undecided_text(family, contest); !undecided.empty())
      sentences.push_back(
          fmt::format("{} does not overtake {} ({}){}.", contest.way, baseline, best_text(family, contest), undecided));
    else
      losers.push_back(fmt::format("{} ({})", contest.way, best_text(family, contest)));
  }
  if (!losers.empty())
    sentences.push_back(fmt::format("{} never {} {} in the sizes measured.", list_text(losers),
                                    losers.size() == 1 ? "overtakes" : "overtake", baseline));
  return sentences;
}

std::string sentence_at_one_size(const std::string& size, const std::vector<Contest>& contests,
                                 const std::string& baseline) {
  std::vector<std::string> winners, losers, open;
  for (const Contest& contest : contests) {
    const Verdict verdict = contest.verdicts.front();
    auto& list = verdict == Verdict::faster ? winners : verdict == Verdict::undecided ? open : losers;
    list.push_back(fmt::format("{} ({})", contest.way, times_text(contest.speedups.front())));
  }
  std::vector<std::string> parts;
  if (!winners.empty())
    parts.push_back(
        fmt::format("{} {} {}", list_text(winners), winners.size() == 1 ? "overtakes" : "overtake", baseline));
  if (!losers.empty())
    parts.push_back(winners.empty() ? fmt::format("{} {} not overtake {}", list_text(losers),
                                                  losers.size() == 1 ? "does" : "do", baseline)
                                    : fmt::format("{} {} not", list_text(losers), losers.size() == 1 ? "does" : "do"));
  if (!open.empty())
    parts.push_back(fmt::format("the samples do not decide between {} and {}", baseline, list_text(open, "or")));
  return fmt::format("At {}, {}.", size, fmt::join(parts, "; "));
}

// Every way that is not slower than the fastest one.
std::string fastest_at(const Size& size, const Limits& limits) {
  const Measured* best = nullptr;
  for (const Measured* cell : size.cells)
    if (cell->is_ok() && (best == nullptr || cell->median() < best->median())) best = cell;
  if (best == nullptr) return "";
  std::vector<const Measured*> others;
  std::vector<Question> questions;
  for (const Measured* cell : size.cells) {
    if (cell == best || !cell->is_ok()) continue;
    others.push_back(cell);
    questions.push_back({.ratio = hodges_lehmann_ratio(best->seconds, cell->seconds)});
  }
  const auto answers = judge_together(questions, limits);
  std::vector<std::string> ways = {best->way()};
  for (std::size_t i = 0; i < others.size(); ++i)
    if (answers[i].verdict != Verdict::slower) ways.push_back(others[i]->way());
  if (ways.size() > kMostNamedTies) return fmt::format("{} ways too close to call", ways.size());
  return ways.size() == 1 ? ways.front() : list_text(ways, "or") + " (too close to call)";
}

std::string fastest_sentence(const Family& family, const Limits& limits) {
  struct Stretch {
    std::string ways;
    std::size_t first, last;
  };
  std::vector<Stretch> stretches;
  bool any_choice = false;
  for (std::size_t i = 0; i < family.sizes.size(); ++i) {
    const std::string ways = fastest_at(*family.sizes[i], limits);
    if (ways.empty()) continue;
    any_choice = any_choice || family.sizes[i]->cells.size() > 1;
    if (!stretches.empty() && stretches.back().ways == ways)
      stretches.back().last = i;
    else
      stretches.push_back({ways, i, i});
  }
  if (!any_choice) return "";
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const auto& [ways, first, last] = stretches[i];
    const auto name = [&](std::size_t at) { return i == 0 ? family.names[at] : family.short_names[at]; };
    const bool is_last = i + 1 == stretches.size();
    if (stretches.size() == 1)
      parts.push_back(family.sizes.size() == 1 ? fmt::format("{} at {}", ways, name(first))
                                               : ways + " at every size measured");
    else if (is_last && last > first)
      parts.push_back(fmt::format("{} from {} on", ways, name(first)));
    else if (i == 0 && last > first)
      parts.push_back(fmt::format("{} up to {}", ways, name(last)));
    else
      parts.push_back(first == last ? fmt::format("{} at {}", ways, name(first))
                                    : fmt::format("{} from {} to {}", ways, name(first), family.short_names[last]));
  }
  return fmt::format("Fastest: {}.", fmt::join(parts, "; "));
}

}  // namespace

const Measured* baseline_cell(const Size& size, const std::string& baseline) {
  for (const Measured* cell : size.cells)
    if (cell->cell.variant == baseline && cell->is_ok()) return cell;
  return nullptr;
}

std::vector<std::string> overtaking_sentences(const Family& family, const std::string& baseline, const Limits& limits) {
  std::vector<std::string> sentences;
  if (const std::string fastest = fastest_sentence(family, limits); !fastest.empty()) sentences.push_back(fastest);
  if (baseline.empty()) return sentences;
  const auto contests = contests_of(family, baseline, limits);
  if (contests.empty()) return sentences;
  const std::string name = printable(baseline, 40);
  if (family.sizes.size() == 1) {
    sentences.push_back(sentence_at_one_size(family.names.front(), contests, name));
  } else {
    const auto more = sentences_over_sizes(family, contests, name);
    sentences.insert(sentences.end(), more.begin(), more.end());
  }
  return sentences;
}

}  // namespace overtake::compare
