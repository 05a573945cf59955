// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "peer/control/session.h"

namespace peer::control {

/// What a ScriptedOperation did, kept after it is gone.
struct OperationRecord {
  int steps = 0;
  int cancels = 0;
  bool destroyed = false;
};

/// Tells one element of the script a step; ends with it.
class ScriptedOperation final : public operations::Operation {
 public:
  struct Script {
    std::deque<std::vector<std::string>> steps;
    int exit_status = 0;
    bool endless = false;  ///< Goes on after the script until it is cancelled.
    bool outlives = false;
    std::optional<net::TimePoint> deadline;
  };

  ScriptedOperation(Script script, OperationRecord& record) : script_(std::move(script)), record_(record) {}
  ~ScriptedOperation() override { record_.destroyed = true; }

  void step(net::TimePoint) override {
    ++record_.steps;
    if (!script_.steps.empty()) {
      for (auto& line : script_.steps.front()) emit(std::move(line));
      script_.steps.pop_front();
    }
    if (script_.steps.empty() && !script_.endless) finish(script_.exit_status);
  }
  std::optional<net::TimePoint> deadline() const override { return script_.deadline; }
  void cancel(net::TimePoint) override {
    ++record_.cancels;
    finish(1);
  }
  bool outlives_client() const override { return script_.outlives; }

 private:
  Script script_;
  OperationRecord& record_;
};

/// Begins the script under the command's name; refuses other commands.
class ScriptedHandler final : public Handler {
 public:
  net::Result<std::unique_ptr<operations::Operation>, Refusal> start(net::TimePoint, const Command& command) override {
    commands.push_back(command);
    auto script = scripts.find(command.op);
    if (script == scripts.end()) return net::Failure{refusal};
    auto& record = *records.emplace_back(std::make_unique<OperationRecord>());
    return std::unique_ptr<operations::Operation>(std::make_unique<ScriptedOperation>(script->second, record));
  }

  std::map<std::string, ScriptedOperation::Script> scripts;
  Refusal refusal;
  std::vector<Command> commands;
  std::vector<std::unique_ptr<OperationRecord>> records;
};

}  // namespace peer::control
