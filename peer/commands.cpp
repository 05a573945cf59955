// SPDX-License-Identifier: MIT
#include "peer/commands.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "net/clean_path.h"
#include "net/escape.h"
#include "net/files.h"
#include "net/log.h"
#include "peer/attended.h"
#include "peer/console.h"
#include "peer/control/client.h"
#include "peer/control/command.h"
#include "peer/control/serving_process.h"
#include "peer/control/socket.h"
#include "peer/driver.h"
#include "peer/ending_signals.h"
#include "peer/home.h"
#include "peer/host_names.h"
#include "peer/legacy/get.h"
#include "peer/local_files.h"
#include "peer/operations/exit_status.h"
#include "peer/operations/get.h"
#include "peer/operations/list.h"
#include "peer/operations/network_watch.h"
#include "peer/operations/peers.h"
#include "peer/operations/push.h"
#include "peer/operations/records.h"
#include "peer/serve.h"
#include "peer/shell/run.h"
#include "peer/transfer_log.h"

namespace peer {
namespace {

constexpr const char* kProgram = "p2ppeer";
/// Longer than leaving may take.
constexpr std::chrono::seconds kEndingTime(20);

net::Log make_log(const Options& options) {
  return net::Log(kProgram, options.verbose ? net::LogLevel::kInfo : net::LogLevel::kWarning);
}

std::string current_folder() {
  std::array<char, PATH_MAX> path{};
  if (getcwd(path.data(), path.size()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "find the current folder");
  }
  return path.data();
}

/// -o is relative to the current folder, as users of such tools expect.
std::string absolute(const std::string& path) { return path.front() == '/' ? path : current_folder() + "/" + path; }

bool is_folder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void check_folder(const std::string& path, const std::string& as_given) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
    throw BadUsage("-o: '" + as_given + "' is not a folder");
  }
}

/// Beside a device, a pipe or a socket "name (2)" is not what anybody means.
void check_no_device(const std::string& path, const std::string& as_given) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    throw BadUsage("-o: '" + as_given + "' is neither a file nor a folder");
  }
}

std::string folder_above(const std::string& absolute_path) {
  const std::size_t last = absolute_path.rfind('/');
  return last == 0 ? "/" : absolute_path.substr(0, last);
}

/// The absolute path that -o names, without slashes at its end. What is made there, a file or a folder, goes into a
/// folder that is there.
std::string output_path(const std::string& as_given) {
  std::string path = absolute(as_given);
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::string parent = folder_above(path);
  if (!is_folder(parent)) throw BadUsage("-o: there is no folder '" + parent + "'; make it first");
  return path;
}

Home::Use fetching(const GetCommand& command) {
  return command.output.empty() ? Home::Use::kFetch : Home::Use::kFetchElsewhere;
}

/// Fills in where the file goes.
operations::GetRequest get_request(const GetCommand& command) {
  operations::GetRequest request;
  request.words = command.words;
  if (command.output.empty()) return request;
  const std::string path = output_path(command.output);
  if (command.output.back() == '/' || is_folder(path) || command.words.size() > 1) {
    check_folder(path, command.output);
    request.folder = path;
    return request;
  }
  check_no_device(path, command.output);
  request.folder = folder_above(path);
  request.name = path.substr(path.rfind('/') + 1);
  if (!net::is_clean_path(request.name)) {
    throw BadUsage("-o: '" + net::escape(request.name) +
                   "' is not a name for a file (no leading '.', no control characters)");
  }
  return request;
}

control::Command to_control(const operations::GetRequest& request) {
  control::Command command;
  command.op = "DOWNLOAD";
  if (!request.folder.empty()) command.options["folder"] = {request.folder};
  if (!request.name.empty()) command.options["name"] = {request.name};
  command.operands = request.words;
  return command;
}

operations::PushTargets push_targets(const PushCommand& command) {
  if (command.to.front() == "all") return {true, {}};
  return {false, look_up(command.to, "--to")};
}

control::Command to_control(const PushCommand& command, const operations::PushTargets& targets) {
  control::Command request{"UPLOAD", {}, {}};
  std::vector<std::string>& to = request.options["to"];
  if (targets.all) to.emplace_back("all");
  for (const net::Endpoint& endpoint : targets.endpoints) to.push_back(endpoint.to_string());
  // The peer that carries it out may live elsewhere.
  for (const std::string& path : command.paths) {
    request.operands.push_back(absolute(path));
  }
  return request;
}

control::Command to_control(const ListCommand& command) {
  if (command.watch && command.text.empty()) return {"WATCH", {}, {"files"}};
  if (command.watch) return {"WATCH", {}, {"files", command.text}};
  if (command.text.empty()) return {"LIST_ALL_FILES", {}, {}};
  return {"SEARCH", {}, {command.text}};
}

control::Command to_control(const PeersCommand& command) {
  if (command.watch) return {"WATCH", {}, {"peers"}};
  if (command.refresh) return {"INIT_PEER_TABLE", {}, {}};
  return {"PEERS", {}, {}};
}

int run_remote(const Options& options, net::Fd socket, const control::Command& command, Console& console) {
  net::SelectLoop loop;
  catch_ending_signals(loop);
  control::RemoteOperation operation(std::move(socket), control::to_request(command), loop);
  if (command.op == "DOWNLOAD") return attend(operation, loop, console, options.home, "download");
  if (command.op == "UPLOAD") return attend(operation, loop, console, options.home, "push");
  return run_to_end(operation, loop, console,
                    [&](std::optional<net::TimePoint> deadline) { return loop.wait(deadline); });
}

/// Runs the operation that `make(driver, now)` gives on a peer that lives as long as it. `from`: who is dialled, where
/// the user said so.
template <class Make>
int run_here(const Options& options, const NetworkOptions& network, std::vector<net::Endpoint> from, Home::Use use,
             Console& console, Make make) {
  const net::Log log = make_log(options);
  DriverOptions driver_options = short_lived_peer(network, std::move(from));
  driver_options.use = use;
  Driver driver(options.home, driver_options, log);
  catch_ending_signals(driver.loop());
  auto operation = make(driver, net::Clock::now());
  int status = run_to_end(*operation, driver.loop(), console,
                          [&](std::optional<net::TimePoint> deadline) { return driver.pass(deadline); });
  driver.leave();
  return status;
}

/// The peer that runs in the home, where there is one and the user did not say whom to ask. More names than fit into
/// one request are carried out here.
std::optional<net::Fd> peer_to_ask(const Options& options, const NetworkOptions& network,
                                   const control::Command& command) {
  if (network.chosen() || !control::format_request(control::to_request(command))) return std::nullopt;
  return running_peer(options.home);
}

/// Asks the peer that runs in the home where that is to be asked; otherwise does it here.
template <class Make>
int run_query(const Options& options, const NetworkOptions& network, const control::Command& command, Home::Use use,
              Make make) {
  Console console(options);
  if (auto socket = peer_to_ask(options, network, command)) {
    return run_remote(options, std::move(*socket), command, console);
  }
  return run_here(options, network, look_up(network.from), use, console,
                  [&](Driver& driver, net::TimePoint now) { return make(driver.node(), now); });
}

int get_from_older_program(const Options& options, const GetCommand& command) {
  Console console(options);
  legacy::GetRequest request{look_up({command.legacy}, "--legacy").front(), ""};
  if (!command.output.empty()) {
    request.folder = output_path(command.output);
    check_folder(request.folder, command.output);
  }
  const net::Log log = make_log(options);
  const Home home(options.home, fetching(command));
  net::SelectLoop loop;
  catch_ending_signals(loop);
  legacy::Get operation(loop, home, log, std::move(request), net::Clock::now());
  return run_to_end(operation, loop, console,
                    [&](std::optional<net::TimePoint> deadline) { return loop.wait(deadline); });
}

net::Fd peer_that_must_run(const std::string& home) {
  auto socket = running_peer(home);
  if (!socket)
    throw std::runtime_error("no peer serves from " + home + "; start one with: p2ppeer -C " + home + " serve");
  return std::move(*socket);
}

int ask_for_status(const Options& options) {
  Console console(options);
  return run_remote(options, peer_that_must_run(options.home), control::Command{"STATUS", {}, {}}, console);
}

/// Another may serve from the home, at the same port, as soon as this has returned.
int stop(const Options& options) {
  Console console(options);
  net::Fd socket = peer_that_must_run(options.home);
  const control::ServingProcess process(socket.get());
  const int status = run_remote(options, std::move(socket), control::Command{"STOP", {}, {}}, console);
  if (status == operations::kExitDone && !process.ended_within(kEndingTime)) {
    throw std::runtime_error("the peer that serves from " + options.home + " was told to stop, and has not ended yet");
  }
  return status;
}

/// Only reads: a folder that is no home stays as it is.
int show_history(const Options& options) {
  Console console(options);
  const net::Folder home = net::Folder::open(options.home);
  std::vector<std::string> lines;
  if (home.status(".p2p")) {
    lines = operations::merge_logs(read_transfer_logs(net::Folder::open(options.home + "/.p2p")));
  }
  for (const std::string& line : lines) console.show(line);
  console.finish();
  if (lines.empty() && !options.quiet && !options.json) {
    net::Log(kProgram, net::LogLevel::kInfo).info("nothing was fetched into " + options.home + " or taken from it yet");
  }
  return console.exit_status(operations::kExitDone);
}

struct Runner {
  const Options& options;

  int operator()(const ServeCommand& command) const {
    // Otherwise the port in use would be told of, which is a consequence.
    if (running_peer(options.home)) {
      throw std::runtime_error("a peer serves from " + options.home + " already; to stop it: p2ppeer -C " +
                               options.home + " stop");
    }
    const net::Log log = make_log(options);
    return serve(options.home, command, log, options.quiet);
  }
  int operator()(const GetCommand& command) const {
    if (!command.legacy.empty()) return get_from_older_program(options, command);
    operations::GetRequest request = get_request(command);
    return run_query(
        options, command.network, to_control(request), fetching(command),
        [&](Node& node, net::TimePoint now) { return std::make_unique<operations::Get>(node, request, now); });
  }
  int operator()(const ListCommand& command) const {
    return run_query(options, command.network, to_control(command), Home::Use::kAsk,
                     [&](Node& node, net::TimePoint now) -> std::unique_ptr<operations::Operation> {
                       if (command.watch) return std::make_unique<operations::WatchFiles>(node, command.text);
                       return std::make_unique<operations::List>(node, now, command.text);
                     });
  }
  int operator()(const PushCommand& command) const {
    Console console(options);
    const operations::PushTargets targets = push_targets(command);
    const NetworkOptions& network = command.network;
    const control::Command request = to_control(command, targets);
    if (auto socket = peer_to_ask(options, network, request)) {
      return run_remote(options, std::move(*socket), request, console);
    }
    return run_here(
        options, network, targets.endpoints, Home::Use::kAsk, console, [&](Driver& driver, net::TimePoint now) {
          return std::make_unique<operations::Push>(driver.node(), driver.offer(command.paths), targets, now);
        });
  }
  int operator()(const PeersCommand& command) const {
    return run_query(options, command.network, to_control(command), Home::Use::kAsk,
                     [&](Node& node, net::TimePoint now) -> std::unique_ptr<operations::Operation> {
                       if (command.watch) return std::make_unique<operations::WatchPeers>(node);
                       return std::make_unique<operations::Peers>(node, now);
                     });
  }
  int operator()(const StatusCommand&) const { return ask_for_status(options); }
  int operator()(const HistoryCommand&) const { return show_history(options); }
  int operator()(const ShellCommand& command) const { return shell::run(options, command); }
  int operator()(const StopCommand&) const { return stop(options); }
  int operator()(const IdCommand& command) const {
    Console console(options);
    return print_ids(command, console);
  }
  int operator()(const VerifyCommand& command) const {
    Console console(options);
    return verify_file(command, console);
  }
};

}  // namespace

std::vector<net::Endpoint> look_up(const std::vector<std::string>& hosts, const std::string& option) {
  std::vector<net::Endpoint> endpoints;
  endpoints.reserve(hosts.size());
  for (const std::string& text : hosts) endpoints.push_back(look_up_host(option, text, net::kPeerPort).front());
  return endpoints;
}

std::optional<net::Fd> running_peer(const std::string& home) {
  std::string state = home + "/.p2p";
  if (!is_folder(state)) return std::nullopt;
  auto socket = control::connect_control(net::Folder::open(state));
  if (socket) return std::move(*socket);
  if (control::nobody_there(socket.error())) return std::nullopt;
  throw std::system_error(socket.error().code, std::generic_category(),
                          "connect to the peer that serves from " + home + " (" + state + "/control.sock)");
}

std::optional<control::Command> request_of(const Command& command) {
  if (const auto* get = std::get_if<GetCommand>(&command)) {
    if (!get->legacy.empty()) throw BadUsage("--legacy: not in the shell; run: p2ppeer get --legacy " + get->legacy);
    return to_control(get_request(*get));
  }
  if (const auto* list = std::get_if<ListCommand>(&command)) return to_control(*list);
  if (const auto* push = std::get_if<PushCommand>(&command)) return to_control(*push, push_targets(*push));
  if (const auto* peers = std::get_if<PeersCommand>(&command)) return to_control(*peers);
  if (std::holds_alternative<StatusCommand>(command)) return control::Command{"STATUS", {}, {}};
  return std::nullopt;
}

DriverOptions short_lived_peer(const NetworkOptions& network, std::vector<net::Endpoint> from) {
  DriverOptions options;
  options.peers_file = network.peers_file;
  options.from = std::move(from);
  options.announce = network.announce;
  options.limit = network.limit;
  return options;
}

bool chooses_network(const Command& command) {
  const NetworkOptions* network = nullptr;
  if (const auto* get = std::get_if<GetCommand>(&command)) network = &get->network;
  if (const auto* list = std::get_if<ListCommand>(&command)) network = &list->network;
  if (const auto* push = std::get_if<PushCommand>(&command)) network = &push->network;
  if (const auto* peers = std::get_if<PeersCommand>(&command)) network = &peers->network;
  return network != nullptr && network->chosen();
}

int run(const Options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return std::visit(Runner{options}, options.command);
  } catch (const BadUsage& error) {
    net::Log(kProgram).error(error.what());
    return operations::kExitUsage;
  }
}

}  // namespace peer
