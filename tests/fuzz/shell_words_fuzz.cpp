// SPDX-License-Identifier: MIT
#include "net/bytes.h"
#include "net/check.h"
#include "peer/shell/complete.h"
#include "peer/shell/recall.h"
#include "peer/shell/words.h"

/// What is read as words can be typed again; a line that is completed ends with the name; the file of lines is stable.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peer::shell;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto words = split_line(text)) {
    std::string again;
    for (const std::string& word : *words) again += quote_word(word) + ' ';
    if (again.size() <= kMaxLine) {
      const auto same = split_line(again);
      CHECK(same && *same == *words);
    }
  }
  const PartialLine partial = split_partial(text);
  CHECK(partial.begin <= text.size());
  for (Quote quote : {Quote::kNone, Quote::kSingle, Quote::kDouble}) {
    CHECK(split_partial(quote_word(partial.word, quote, false)).word == partial.word);
  }
  const Completion completion = complete(text, {partial.word + "z", partial.word + "\x1b"});
  CHECK(completion.erase <= text.size());
  if (!completion.insert.empty()) {
    const std::string line = std::string(text.substr(0, text.size() - completion.erase)) + completion.insert;
    const PartialLine after = split_partial(line);
    CHECK(after.words.size() == partial.words.size() + 1);
    CHECK(after.words.back() == partial.word + "z");
  }
  const std::string kept = add_to_recall(text, {});
  CHECK(add_to_recall(kept, {}) == kept);
  return 0;
}
