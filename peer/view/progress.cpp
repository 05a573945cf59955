// SPDX-License-Identifier: MIT
#include "peer/view/progress.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "net/counted.h"
#include "net/escape.h"
#include "net/text_width.h"
#include "peer/view/format.h"

namespace peer::view {
namespace {

using operations::Progress;

constexpr std::size_t kMinBar = 6, kMaxBar = 30;  // With its brackets.
constexpr std::size_t kMinName = 8, kMaxName = 32;

std::uint64_t add(std::uint64_t a, std::uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

std::string base_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

/// Padded on the left, so that the line stands still while its numbers change.
std::string right(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

/// What follows the bar, the most important first.
struct Facts {
  std::vector<std::string> before_bar;  ///< Matter more than a bar.
  std::vector<std::string> after_bar;   ///< Matter less.
};

Facts facts_of(const Progress& p) {
  Facts facts;
  facts.before_bar.push_back(right(std::to_string(percent(p.done, p.total)), 3) + '%');
  if (p.state == "hashing") {
    facts.before_bar.emplace_back("checking what is there");
  } else if (p.state == "copying" || p.state == "finishing") {
    facts.before_bar.push_back(p.state);
  } else {
    facts.before_bar.push_back(right(human_rate(p.rate), 10));
    facts.before_bar.push_back("ETA " + (p.eta ? human_duration(*p.eta) : "-:--"));
  }
  facts.after_bar.push_back(human_size(p.done) + " of " + human_size(p.total));
  if (p.state == "fetching") facts.after_bar.push_back(net::counted(p.sources, "source", "sources"));
  return facts;
}

/// Appends facts to `tail` as long as there is room for them; true when all found room.
bool append_facts(std::string& tail, const std::vector<std::string>& facts, std::size_t room) {
  for (const auto& fact : facts) {
    if (tail.size() + 2 + fact.size() > room) return false;
    tail += "  " + fact;
  }
  return true;
}

/// `name` and `p` in `width` columns: facts that do not fit beside a short name are left out, what room there is goes
/// to the bar and the name.
std::string compose(const std::string& name, const Progress& p, std::size_t width) {
  auto wanted_name = std::min(net::display_width(name), kMaxName);
  auto name_width = std::min(wanted_name, kMinName);
  auto room = width - std::min(width, name_width);
  auto facts = facts_of(p);
  std::string tail, middle;
  bool all = append_facts(tail, facts.before_bar, room);
  if (all && tail.size() + 2 + kMinBar <= room) {
    append_facts(tail, facts.after_bar, room - 2 - kMinBar);
    auto spare = room - tail.size() - 2 - kMinBar;
    auto for_name = std::min(wanted_name - name_width, spare / 2);
    auto size = std::min(kMinBar + spare - for_name, kMaxBar);
    middle = "  " + bar(percent(p.done, p.total), size);
  }
  // What the bar has left.
  name_width += std::min(wanted_name - name_width, room - std::min(room, tail.size() + middle.size()));
  return net::fit(net::fit(name, name_width) + middle + tail, width);
}

}  // namespace

void ProgressLine::start(const operations::Start& start) {
  auto [entry, fresh] = active_.try_emplace(start.id);
  if (!fresh) return;
  ++begun_;
  entry->second.id = start.id;
  entry->second.path = start.path;
  entry->second.total = start.size;
  entry->second.state = "fetching";
}

void ProgressLine::update(const Progress& progress) {
  if (active_.insert_or_assign(progress.id, progress).second) ++begun_;
}

void ProgressLine::end(const std::string& path, const std::string& id, bool complete) {
  auto found = active_.find(id);
  if (found == active_.end())
    found = std::find_if(active_.begin(), active_.end(), [&](const auto& e) { return e.second.path == path; });
  if (found == active_.end()) return;
  if (complete) bytes_ended_ = add(bytes_ended_, found->second.total);
  ++ended_;
  active_.erase(found);
  if (active_.empty()) *this = ProgressLine();
}

Progress ProgressLine::whole() const {
  Progress all;
  all.done = all.total = bytes_ended_;
  all.state = "finishing";
  for (const auto& [id, p] : active_) {
    all.done = add(all.done, std::min(p.done, p.total));
    all.total = add(all.total, p.total);
    all.rate = add(all.rate, p.rate);
    all.sources = std::max(all.sources, p.sources);
    // Files that wait for nothing but the disk are the last to be told of.
    if (p.state == "fetching" || (all.state == "finishing" && p.state != "paused")) all.state = p.state;
  }
  if (all.rate != 0) all.eta = (all.total - all.done) / all.rate;
  return all;
}

std::string ProgressLine::render(std::size_t width) const {
  if (active_.empty()) return "";
  if (begun_ == 1) {
    const auto& only = active_.begin()->second;
    return compose(net::escape(base_name(only.path)), only, width);
  }
  return compose(std::to_string(ended_) + " of " + net::counted(begun_, "file", "files"), whole(), width);
}

}  // namespace peer::view
