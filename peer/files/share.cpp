// SPDX-License-Identifier: MIT
#include "peer/files/share.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "net/clean_path.h"
#include "net/timers.h"
#include "peer/files/share_tasks.h"
#include "peer/files/share_tree.h"
#include "peer/files/watch.h"

namespace peer::files {
namespace {

/// Entries of a listing that are taken up in one pass of the loop.
constexpr std::size_t kChildrenPerPass = 1000;
constexpr std::size_t kFilesPerBatch = 64;
constexpr std::uint64_t kBytesPerBatch = 32 << 20;
constexpr std::size_t kMostReports = 1000;
/// What takes longer is told when it begins; the change that it leads to is enough otherwise.
constexpr net::Duration kLastingGrowth = std::chrono::milliseconds(500);
constexpr std::size_t kOpenFilesRemembered = 1024;
constexpr std::int64_t kIndexMemorySeconds = 90 * 24 * 3600;

/// Grows from run to run, and faster than changes are made within one.
std::uint64_t first_revision() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

bool out_of_descriptors(int error) { return error == EMFILE || error == ENFILE || error == ENOMEM; }

}  // namespace

bool OpenFile::unchanged() const {
  const auto now = net::status_of(fd());
  return now.ok() && now->size == status_.size && now->mtime_ns == status_.mtime_ns;
}

/// Looks, listings and hashes on their way between the loop and the workers:
///
///   event -> quiet_ -> looks_ -> [look_at] -> arrived_ -> tree_ -> to_hash_ -> [HashBatch] -> tree_ -> catalog
///
/// in brackets what runs on a worker. Completions hold a weak pointer, so none finds the share gone.
class Share::State : public std::enable_shared_from_this<Share::State> {
 public:
  State(net::SelectLoop& loop, net::Workers& workers, std::vector<net::Folder> folders, Index* index,
        const net::Log& log, Options options)
      : loop_(loop),
        workers_(workers),
        log_(log),
        options_(options),
        source_(std::make_shared<ShareSource>()),
        tree_(folders.size(), first_revision()) {
    source_->folders = std::move(folders);
    source_->index = index;
    source_->quiet_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(options.quiet_time).count();
    reported_revision_ = tree_.catalog().revision();
  }
  ~State() { source_->stop = true; }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void start();
  void stop();
  void expire(net::TimePoint now);
  std::optional<net::TimePoint> deadline() const;
  bool idle() const { return !working() && touched_.empty() && !quiet_.deadline(); }
  ShareProgress progress() const;
  std::shared_ptr<const OpenFile> open(const ContentId& id);
  void add_known(const Place& place, const net::FileStatus& status, HashedContent content);
  void look_at_everything();

  bool growing() const { return growing_ || seeking(); }

  const ShareTree& tree() const { return tree_; }
  std::function<void()> changed;

 private:
  struct Arrived {
    Look look;
    std::size_t next = 0;
    bool begun = false;
  };

  /// Something is queued or under way, other than waiting for files to become quiet.
  bool working() const { return tasks_ > 0 || !looks_.empty() || !arrived_.empty() || !to_hash_.empty(); }
  /// The same, but for what only the index is told.
  bool seeking() const { return tasks_ > chores_ || !looks_.empty() || !arrived_.empty() || !to_hash_.empty(); }
  void report(const Place& place, const std::string& reason);
  void forget(const Place& place);
  void note_file(const Place& place, const net::FileStatus& status);
  void take_up_arrived();
  bool begin(const Look& look);
  void take_up_child(const Look& look, const Look::Child& child);
  void end_listing(const Look& look);
  void take_up(const HashBatch::Outcome& outcome);
  std::vector<HashBatch::Request> next_requests();
  void remember_known();
  template <class Work, class Done>
  void submit(Work work, Done done);
  template <class Work, class Done>
  void submit_chore(Work work, Done done);
  void submit_batch(const std::shared_ptr<HashBatch>& batch);
  void pump();
  void settle(net::TimePoint now);
  void prune_index();

  net::SelectLoop& loop_;
  net::Workers& workers_;
  const net::Log& log_;
  const Options options_;
  std::shared_ptr<ShareSource> source_;
  ShareTree tree_;

  net::Timers<Place> quiet_;    ///< To be looked at when nothing has happened to it for a while.
  std::vector<Place> touched_;  ///< To be put there when the time is known.
  std::set<Place> looks_;
  std::deque<Arrived> arrived_;
  std::deque<HashBatch::Request> to_hash_;
  struct Known {
    net::FileStatus status;
    std::shared_ptr<const HashedContent> content;
  };
  std::vector<Known> known_;  ///< For the index.
  bool remembering_ = false;
  unsigned tasks_ = 0;
  unsigned chores_ = 0;  ///< Of those.
  unsigned batches_ = 0;
  std::uint64_t files_done_ = 0, files_total_ = 0, bytes_total_ = 0;

  std::map<ContentId, std::weak_ptr<const OpenFile>> open_;
  std::set<Place> reported_;
  bool unwatched_ = false;  ///< Some folder cannot be watched: all is looked at from time to time.
  bool flushed_ = true;
  bool growing_ = true;  ///< At the last look.
  std::optional<net::TimePoint> tell_growing_at_;
  bool pruned_ = false;
  std::optional<net::TimePoint> settle_at_;
  std::optional<net::TimePoint> rescan_at_;
  std::uint64_t reported_revision_ = 0;
};

void Share::State::start() {
  if (options_.watch) {
    source_->watch = std::make_shared<FolderWatch>();
    unwatched_ = !source_->watch->available();
    source_->watch->changed = [this](net::TimePoint now, const Place& place) {
      if (base_name(place.path).starts_with('.')) return;
      quiet_.set(place, now + options_.quiet_time);
    };
    source_->watch->lost = [this] { look_at_everything(); };
    if (source_->watch->available()) loop_.add(*source_->watch);
  }
  look_at_everything();
}

void Share::State::stop() {
  source_->stop = true;
  if (source_->watch && source_->watch->available()) loop_.remove(*source_->watch);
}

void Share::State::look_at_everything() {
  for (std::size_t i = 0; i < source_->folders.size(); ++i) looks_.insert({i, ""});
  pump();
}

void Share::State::expire(net::TimePoint now) {
  for (const Place& place : std::exchange(touched_, {})) quiet_.set(place, now + options_.quiet_time);
  while (auto place = quiet_.pop_due(now)) looks_.insert(*std::move(place));
  if (rescan_at_ && *rescan_at_ <= now) {
    rescan_at_.reset();
    look_at_everything();
  }
  take_up_arrived();
  pump();
  if (options_.watch && unwatched_ && !rescan_at_ && !working()) rescan_at_ = now + options_.rescan_interval;
  const bool was_growing = growing_;
  settle(now);
  if (growing_ && !was_growing) tell_growing_at_ = now + kLastingGrowth;
  if (!growing_) tell_growing_at_.reset();
  const bool goes_on = tell_growing_at_ && *tell_growing_at_ <= now;
  if (goes_on) tell_growing_at_.reset();
  const std::uint64_t revision = tree_.catalog().revision();
  const bool has_changed = std::exchange(reported_revision_, revision) != revision;
  if ((has_changed || goes_on || (was_growing && !growing_)) && changed) changed();
}

std::optional<net::TimePoint> Share::State::deadline() const {
  const bool can_submit = tasks_ < options_.max_tasks && (!looks_.empty() || !to_hash_.empty());
  const bool can_settle = growing_ != seeking() && (!settle_at_ || !quiet_.deadline());
  const bool at_once = !touched_.empty() || !arrived_.empty() || can_submit || can_settle ||
                       reported_revision_ != tree_.catalog().revision();
  if (at_once) return net::TimePoint{};
  return net::earlier(net::earlier(quiet_.deadline(), rescan_at_), net::earlier(settle_at_, tell_growing_at_));
}

/// It has grown when nothing is left to do. A file that is written all the time does not hold that up.
void Share::State::settle(net::TimePoint now) {
  if (seeking() || !growing_) {
    growing_ = seeking();
    settle_at_.reset();
    return;
  }
  if (!settle_at_) settle_at_ = now + 5 * options_.quiet_time;
  if (!idle() && now < *settle_at_) return;
  growing_ = false;
  settle_at_.reset();
  if (!std::exchange(pruned_, true)) prune_index();
}

/// Gives up what has not been seen for long.
void Share::State::prune_index() {
  if (source_->index == nullptr) return;
  submit_chore(
      [source = source_] { source->index->prune(static_cast<std::int64_t>(std::time(nullptr)) - kIndexMemorySeconds); },
      [](State&) {});
}

void Share::State::report(const Place& place, const std::string& reason) {
  if (reported_.size() < kMostReports && reported_.insert(place).second) {
    log_.warning("\"" + place.path + "\" is not offered: " + reason);
  }
}

void Share::State::forget(const Place& place) {
  for (const Place& folder : tree_.forget(place)) {
    if (source_->watch) source_->watch->remove(folder);
  }
}

void Share::State::note_file(const Place& place, const net::FileStatus& status) {
  if (status.size > kMaxFileLength) {
    report(place, "it is longer than 4 TiB");
    forget(place);
    return;
  }
  const auto ticket = tree_.saw_file(place, status);
  if (!ticket) return;
  if (to_hash_.empty() && batches_ == 0) {
    files_done_ = files_total_ = bytes_total_ = 0;
    source_->bytes_hashed = 0;
  }
  ++files_total_;
  bytes_total_ += status.size;
  to_hash_.push_back({place, *ticket, status});
}

void Share::State::take_up_arrived() {
  for (std::size_t budget = kChildrenPerPass; budget > 0 && !arrived_.empty(); --budget) {
    Arrived& front = arrived_.front();
    if (!front.begun && !begin(front.look)) {
      arrived_.pop_front();
      continue;
    }
    front.begun = true;
    if (front.next < front.look.children.size()) {
      take_up_child(front.look, front.look.children[front.next++]);
      continue;
    }
    end_listing(front.look);
    arrived_.pop_front();
  }
}

/// True when it is a folder whose children follow.
bool Share::State::begin(const Look& look) {
  if (!look.place.path.empty() && !tree_.knows_folder(look.place.parent())) return false;
  if (look.parent) tree_.folder_status(look.place.parent(), *look.parent);
  switch (look.kind) {
    case Look::Kind::kNothing:
      forget(look.place);
      return false;
    case Look::Kind::kUnreadable:
      report(look.place, look.error.message());
      forget(look.place);
      return false;
    case Look::Kind::kFile:
      note_file(look.place, look.status);
      return false;
    case Look::Kind::kFolder:
      break;
  }
  tree_.saw_folder(look.place);
  if (!look.place.path.empty()) tree_.folder_status(look.place, look.status);
  if (!look.watched && !unwatched_) {
    unwatched_ = true;
    log_.warning(
        "not all folders can be watched (see fs.inotify.max_user_watches); looking for changes from time to time");
  }
  return true;
}

void Share::State::take_up_child(const Look& look, const Look::Child& child) {
  const Place place = look.place.child(child.name);
  if (!net::is_clean_path(place.path)) {
    report(place, "its name has control characters, is not UTF-8 or is too long");
  } else if (child.kind == net::FileKind::kRegular) {
    note_file(place, child.status);
  } else if (child.kind == net::FileKind::kFolder) {
    tree_.saw_folder(place);
    looks_.insert(place);
  } else if (tree_.status(place) != nullptr || tree_.knows_folder(place)) {
    looks_.insert(place);
  }
}

/// What is known and was not in the listing may be gone, or may have come since: another look tells.
void Share::State::end_listing(const Look& look) {
  const auto& listed = look.children;
  const auto by_name = [](const Look::Child& child, const std::string& name) { return child.name < name; };
  for (const std::string& name : tree_.children(look.place)) {
    const auto at = std::lower_bound(listed.begin(), listed.end(), name, by_name);
    if (at == listed.end() || at->name != name) looks_.insert(look.place.child(name));
  }
  tree_.listed(look.place);
}

void Share::State::take_up(const HashBatch::Outcome& outcome) {
  ++files_done_;
  const bool expected = tree_.awaited(outcome.place, outcome.ticket).has_value();
  tree_.hashed(outcome.place, outcome.ticket, outcome.content);
  if (!expected) return;
  if (outcome.kind == HashBatch::Outcome::Kind::kChanged) touched_.push_back(outcome.place);
  if (outcome.kind == HashBatch::Outcome::Kind::kFailed) report(outcome.place, outcome.error.message());
}

std::vector<HashBatch::Request> Share::State::next_requests() {
  std::vector<HashBatch::Request> requests;
  std::uint64_t bytes = 0;
  while (!to_hash_.empty() && requests.size() < kFilesPerBatch && bytes < kBytesPerBatch) {
    HashBatch::Request request = std::move(to_hash_.front());
    to_hash_.pop_front();
    if (!tree_.awaited(request.place, request.ticket)) {
      ++files_done_;
      source_->bytes_hashed += request.status.size;
      continue;
    }
    bytes += request.status.size;
    requests.push_back(std::move(request));
  }
  return requests;
}

/// done(state) or done(state, result of work), if the share is still there then.
template <class Work, class Done>
void Share::State::submit(Work work, Done done) {
  ++tasks_;
  workers_.submit(std::move(work), [weak = weak_from_this(), done = std::move(done)](auto&&... result) {
    if (const auto state = weak.lock()) {
      --state->tasks_;
      done(*state, std::forward<decltype(result)>(result)...);
      state->pump();
    }
  });
}

/// The same, for the index.
template <class Work, class Done>
void Share::State::submit_chore(Work work, Done done) {
  ++chores_;
  submit(std::move(work), [done = std::move(done)](State& state) {
    --state.chores_;
    done(state);
  });
}

void Share::State::submit_batch(const std::shared_ptr<HashBatch>& batch) {
  submit([batch] { return batch->run(); },
         [batch](State& state, const std::vector<HashBatch::Outcome>& outcomes) {
           for (const auto& outcome : outcomes) state.take_up(outcome);
           // A large file that is gone, or another by now, need not be read to its end.
           if (const auto* request = batch->under_way();
               request && !state.tree_.awaited(request->place, request->ticket)) {
             state.take_up(batch->give_up());
           }
           if (batch->finished()) {
             --state.batches_;
           } else {
             state.submit_batch(batch);
           }
         });
}

void Share::State::pump() {
  remember_known();
  while (tasks_ < options_.max_tasks && !looks_.empty()) {
    Place place = *looks_.begin();
    looks_.erase(looks_.begin());
    submit([source = source_, place] { return look_at(*source, place); },
           [](State& state, Look look) {
             state.arrived_.push_back({std::move(look), 0, false});
           });
  }
  while (tasks_ < options_.max_tasks && !to_hash_.empty()) {
    auto requests = next_requests();
    if (requests.empty()) break;
    ++batches_;
    flushed_ = false;
    submit_batch(std::make_shared<HashBatch>(source_, std::move(requests)));
  }
  if (!working() && !flushed_ && source_->index != nullptr) {
    flushed_ = true;
    submit_chore([source = source_] { source->index->flush(); }, [](State&) {});
  }
}

ShareProgress Share::State::progress() const {
  return {files_done_, files_total_, std::min(source_->bytes_hashed.load(), bytes_total_), bytes_total_};
}

std::shared_ptr<const OpenFile> Share::State::open(const ContentId& id) {
  if (const auto at = open_.find(id); at != open_.end()) {
    if (auto file = at->second.lock(); file && file->unchanged()) return file;
  }
  for (const Place& place : tree_.places(id)) {
    auto fd = source_->folders[place.folder].open_read(place.path);
    if (!fd && out_of_descriptors(fd.error().code)) return nullptr;
    const net::FileStatus& expected = *tree_.status(place);
    if (const auto now = fd ? net::status_of(fd->get()) : net::Failure{fd.error()};
        now && now->inode == expected.inode && now->device == expected.device && now->size == expected.size &&
        now->mtime_ns == expected.mtime_ns) {
      if (open_.size() >= kOpenFilesRemembered)
        std::erase_if(open_, [](const auto& at) { return at.second.expired(); });
      auto file = std::make_shared<const OpenFile>(*std::move(fd), id, expected);
      open_[id] = file;
      return file;
    }
    tree_.doubt(place);
    looks_.insert(place);
  }
  pump();
  return nullptr;
}

void Share::State::add_known(const Place& place, const net::FileStatus& status, HashedContent content) {
  if (!net::is_clean_path(place.path) || status.size != content.id.length) return;
  for (auto slash = place.path.find('/'); slash != std::string::npos; slash = place.path.find('/', slash + 1)) {
    const Place folder{place.folder, place.path.substr(0, slash)};
    if (tree_.knows_folder(folder)) continue;
    tree_.saw_folder(folder);
    if (options_.watch) looks_.insert(folder);
  }
  const auto shared = std::make_shared<const HashedContent>(std::move(content));
  if (const auto ticket = tree_.saw_file(place, status)) tree_.hashed(place, *ticket, shared);
  if (source_->index != nullptr) known_.push_back({status, shared});
  pump();
}

/// What came meanwhile goes to the index in one task.
void Share::State::remember_known() {
  if (remembering_ || known_.empty()) return;
  remembering_ = true;
  flushed_ = false;
  submit_chore(
      [source = source_, known = std::exchange(known_, {})] {
        for (const Known& file : known) source->index->put(file.status, *file.content);
      },
      [](State& state) { state.remembering_ = false; });
}

Share::Share(net::SelectLoop& loop, net::Workers& workers, std::vector<net::Folder> folders, Index* index,
             const net::Log& log, Options options)
    : state_(std::make_shared<State>(loop, workers, std::move(folders), index, log, options)) {
  state_->start();
}

Share::~Share() { state_->stop(); }

const Catalog& Share::catalog() const { return state_->tree().catalog(); }
bool Share::growing() const { return state_->growing(); }
bool Share::idle() const { return state_->idle(); }
ShareProgress Share::progress() const { return state_->progress(); }
void Share::on_change(std::function<void()> callback) { state_->changed = std::move(callback); }
std::optional<net::TimePoint> Share::deadline() const { return state_->deadline(); }
void Share::expire(net::TimePoint now) { state_->expire(now); }
std::shared_ptr<const OpenFile> Share::open(const ContentId& id) { return state_->open(id); }

std::shared_ptr<const std::vector<Hash>> Share::layer(const ContentId& id) const {
  const auto content = state_->tree().content(id);
  return content ? std::shared_ptr<const std::vector<Hash>>(content, &content->layer) : nullptr;
}

bool Share::has(const ContentId& id) const { return state_->tree().content(id) != nullptr; }

bool Share::has_file(const Place& place) const { return state_->tree().status(place) != nullptr; }

std::optional<Place> Share::find(const ContentId& id) const { return state_->tree().first_place(id); }

void Share::add_known(std::size_t folder, const std::string& path, const net::FileStatus& status,
                      HashedContent content) {
  state_->add_known({folder, path}, status, std::move(content));
}

void Share::rescan() { state_->look_at_everything(); }

}  // namespace peer::files
