// SPDX-License-Identifier: MIT
#include "peer/legacy/pickle_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "net/number.h"
#include "peer/legacy/raw_unicode.h"

namespace peer::legacy {
namespace {

using Argument = Opcode::Argument;

constexpr std::uint64_t kLowestProtocol = 2, kHighestProtocol = 5;

Op op_of(const Opcode& opcode) { return static_cast<Op>(opcode.byte); }

/// "GLOBAL (0x63)"
std::string describe(std::uint8_t byte, const Opcode* opcode) {
  const std::byte value{byte};
  const std::string hex = "0x" + net::to_hex(net::ByteView(&value, 1));
  return opcode == nullptr ? hex : std::string(opcode->name) + " (" + hex + ")";
}

}  // namespace

std::size_t PickleReader::feed(net::ByteView in) {
  std::size_t taken = 0;
  while (state_ == State::kMore && taken < in.size()) {
    const std::size_t room = kMaxPickle - consumed_;
    if (room == 0) {
      refuse("it is larger than 16 MiB");
      break;
    }
    const std::size_t count = step(in.subspan(taken, std::min(room, in.size() - taken)));
    taken += count;
    consumed_ += count;
  }
  return taken;
}

std::size_t PickleReader::step(net::ByteView in) {
  if (opcode_ == nullptr) {
    begin(std::to_integer<std::uint8_t>(in.front()));
    return 1;
  }
  if (in_data_) return take_data(in);
  if (opcode_->argument == Argument::kLine) return take_line(in);
  take_number(in.front());
  return 1;
}

void PickleReader::begin(std::uint8_t byte) {
  const Opcode* opcode = find_opcode(byte);
  if (opcode == nullptr || opcode->argument == Argument::kRefused) {
    return refuse("it has the opcode " + describe(byte, opcode) + "; only lists, bytes and str are read");
  }
  opcode_ = opcode;
  if (++opcodes_begun_ > 1 && op_of(*opcode) == Op::kProto) return refuse_place();
  number_ = 0;
  number_width_ = 0;
  if (opcode->argument == Argument::kNone) carry_out(0);
}

void PickleReader::take_number(std::byte next) {
  number_ |= std::to_integer<std::uint64_t>(next) << (8 * number_width_);
  if (++number_width_ < opcode_->width) return;
  if (opcode_->argument == Argument::kNumber) return carry_out(number_);
  if (!admits(number_)) return;
  values_.emplace_back().reserve(static_cast<std::size_t>(number_));
  data_size_ = static_cast<std::size_t>(number_);
  in_data_ = true;
  if (data_size_ == 0) end_data();
}

std::size_t PickleReader::take_data(net::ByteView in) {
  net::Bytes& value = values_.back();
  const net::ByteView part = in.first(std::min(in.size(), data_size_ - value.size()));
  value.insert(value.end(), part.begin(), part.end());
  if (value.size() == data_size_) end_data();
  return part.size();
}

void PickleReader::end_data() {
  in_data_ = false;
  opcode_ = nullptr;
  stack_.push_back(static_cast<Value>(values_.size() - 1));
}

std::size_t PickleReader::take_line(net::ByteView in) {
  const auto end = std::find(in.begin(), in.end(), std::byte{'\n'});
  line_ += net::as_text({in.begin(), end});
  if (end == in.end()) return in.size();
  carry_out_line();
  line_ = {};
  return static_cast<std::size_t>(end - in.begin()) + 1;
}

void PickleReader::carry_out_line() {
  if (op_of(*opcode_) == Op::kUnicode) {
    std::optional<net::Bytes> text = decode_raw_unicode_escape(line_);
    if (!text) return refuse("a text in it is malformed");
    if (!admits(text->size())) return;
    values_.push_back(*std::move(text));
    return end_data();
  }
  const std::optional<std::uint32_t> number = net::parse_number<std::uint32_t>(line_);
  if (!number) return refuse("the opcode " + describe(opcode_->byte, opcode_) + " has no number");
  carry_out(*number);
}

void PickleReader::carry_out(std::uint64_t number) {
  switch (op_of(*opcode_)) {
    case Op::kProto:
      if (number < kLowestProtocol || number > kHighestProtocol) {
        return refuse("it is of protocol " + std::to_string(number) + ", which is not known");
      }
      break;
    case Op::kFrame:
      break;
    case Op::kMark:
      mark();
      break;
    case Op::kEmptyList:
      if (has_list_ || marked_) return refuse_place();
      has_list_ = true;
      break;
    case Op::kList:
      if (has_list_ || !marked_) return refuse_place();
      has_list_ = true;
      append(true);
      break;
    case Op::kAppend:
      append(false);
      break;
    case Op::kAppends:
      append(true);
      break;
    case Op::kPut:
    case Op::kBinPut:
    case Op::kLongBinPut:
      remember(number);
      break;
    case Op::kMemoize:
      remember(memo_.size());
      break;
    case Op::kGet:
    case Op::kBinGet:
    case Op::kLongBinGet:
      recall(number);
      break;
    case Op::kStop:
      if (!has_list_ || marked_ || !stack_.empty()) return refuse_place();
      state_ = State::kDone;
      break;
    default:
      break;  // Those with data do not come here.
  }
  opcode_ = nullptr;
}

void PickleReader::mark() {
  // A second one would begin something in the list.
  if (marked_ || !stack_.empty()) return refuse_place();
  marked_ = true;
}

void PickleReader::append(bool several) {
  if (!has_list_ || marked_ != several || (!several && stack_.size() != 1)) return refuse_place();
  list_.insert(list_.end(), stack_.begin(), stack_.end());
  stack_.clear();
  marked_ = false;
}

void PickleReader::remember(std::uint64_t number) {
  if (stack_.empty() && (!has_list_ || marked_)) return refuse_place();
  // Each item, and the list, is remembered once.
  if (memo_.size() > kMaxItems) return refuse("it remembers more than it has items");
  memo_[static_cast<std::uint32_t>(number)] = stack_.empty() ? kTheList : stack_.back();
}

void PickleReader::recall(std::uint64_t number) {
  const auto found = memo_.find(static_cast<std::uint32_t>(number));
  if (found == memo_.end() || found->second == kTheList) return refuse_place();
  if (admits(values_[found->second].size())) stack_.push_back(found->second);
}

bool PickleReader::admits(std::uint64_t size) {
  // A second one for the same APPEND is let pass until then: what makes it into something else is better named.
  if (!marked_ && !has_list_) {
    refuse_place();
  } else if (++items_begun_ > kMaxItems) {
    refuse("it has more than " + std::to_string(kMaxItems) + " items");
  } else if (size > kMaxPickle - content_bytes_) {
    refuse("its contents are more than 16 MiB");
  } else {
    content_bytes_ += static_cast<std::size_t>(size);
  }
  return state_ == State::kMore;
}

void PickleReader::refuse(std::string why) {
  if (state_ != State::kMore) return;
  state_ = State::kRefused;
  error_ = std::move(why);
}

void PickleReader::refuse_place() {
  refuse("the opcode " + describe(opcode_->byte, opcode_) + " is not where a list of bytes and str has it");
}

}  // namespace peer::legacy
