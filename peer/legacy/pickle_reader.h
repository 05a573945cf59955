// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/bytes.h"
#include "peer/legacy/limits.h"
#include "peer/legacy/pickle_opcode.h"

namespace peer::legacy {

/// Reads a Python pickle of a flat list of bytes and str, and nothing else: an opcode that could name code, or make any
/// other object, is refused as it comes (threat T13). It takes what Python writes for such a list in any protocol from
/// 0 to 5; from protocol 3 on for bytes, as before that they are pickled through a function.
///
/// It is given pieces of any size; the result depends only on the bytes. Lengths are checked against kMaxPickle before
/// anything is allocated, so that it never holds more than a few times that; what is remembered and used again counts
/// each time.
class PickleReader {
 public:
  enum class State {
    kMore,
    kDone,     ///< STOP has come.
    kRefused,  ///< error() says why.
  };
  /// Returns how many bytes were taken: all while it goes on; none behind STOP or behind what it refuses.
  std::size_t feed(net::ByteView in);

  State state() const { return state_; }
  /// For people; safe to print. REQUIRES: state() is kRefused.
  const std::string& error() const { return error_; }

  /// Bytes taken so far.
  std::size_t consumed() const { return consumed_; }
  /// The items so far, in order. A str is its UTF-8 (a surrogate its three bytes, as in a pickle).
  std::size_t size() const { return list_.size(); }
  net::ByteView item(std::size_t index) const { return values_[list_[index]]; }
  /// Of all items so far, and those on their way into the list.
  std::size_t content_bytes() const { return content_bytes_; }

 private:
  /// Position in values_.
  using Value = std::uint32_t;
  /// In the memo: the list itself.
  static constexpr Value kTheList = 0xffffffff;

  std::size_t step(net::ByteView in);
  void begin(std::uint8_t byte);
  void take_number(std::byte next);
  std::size_t take_data(net::ByteView in);
  std::size_t take_line(net::ByteView in);
  void end_data();
  void carry_out(std::uint64_t number);
  void carry_out_line();
  void mark();
  void append(bool several);
  void remember(std::uint64_t number);
  void recall(std::uint64_t number);

  /// Whether an item of so many bytes may come now; refuses the pickle where not.
  bool admits(std::uint64_t size);
  void refuse(std::string why);
  void refuse_place();

  State state_ = State::kMore;
  std::string error_;
  std::size_t consumed_ = 0;
  const Opcode* opcode_ = nullptr;  ///< Whose argument is being read, or which is carried out.
  std::size_t opcodes_begun_ = 0;

  // The argument as far as it has come.
  std::uint64_t number_ = 0;
  unsigned number_width_ = 0;
  bool in_data_ = false;
  std::size_t data_size_ = 0;  ///< What values_.back() is going to have.
  std::string line_;

  // The machine: [ list ] [ mark ] stack_
  bool has_list_ = false;
  bool marked_ = false;
  std::vector<Value> stack_;
  std::vector<net::Bytes> values_;
  std::vector<Value> list_;
  std::map<std::uint32_t, Value> memo_;
  std::size_t items_begun_ = 0;
  std::size_t content_bytes_ = 0;
};

}  // namespace peer::legacy
