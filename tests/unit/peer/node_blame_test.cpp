// SPDX-License-Identifier: MIT
// Sources that answer with something else than what was asked for.
#include <gtest/gtest.h>

#include "tests/unit/peer/node_support.h"

namespace peer {
namespace {

struct NodeBlameTest : NodeFixture {
  support::MemoryContent content = memory.generate(3 << 18, 7);
};

// T36: chunks of another size or place are as wrong as those of other bytes: three, and the sender is banned.
TEST_F(NodeBlameTest, T36_ChunksThatWereNotAskedForGetTheirSenderBanned) {
  Remote& liar = accept(1);
  offer(liar, {{"file", content.id}});
  TransferId transfer = fetch(content.id);
  answer_layer(liar, content);
  for (int lies = 0; lies < 3; ++lies) {
    auto question = liar.take<wire::ChunkGet>();
    ASSERT_TRUE(question) << "after " << lies << " lies";
    liar.session.send_chunk({question->request, question->chunk, 0}, {content.source, 0, 1000});
    run();
    wait(std::chrono::seconds(10));
  }
  EXPECT_FALSE(liar.open);
  EXPECT_EQ(node.transfer(transfer)->source_count(), 0u);
  accept(1);
  EXPECT_TRUE(node.peers().empty()) << "it stays banned";

  Remote& honest = accept(2);
  offer(honest, {{"file", content.id}});
  serve(honest, content);
  EXPECT_EQ(state(transfer), swarm::Transfer::State::kDone);
}

// T36: who lies in another's name, from another address, is banned there alone.
TEST_F(NodeBlameTest, T36_NobodyIsBannedForWhatAnotherDidInItsName) {
  Remote& liar = accept(hello_of(1, 666, 0), endpoint(66, 50000));
  offer(liar, {{"file", content.id}});
  TransferId transfer = fetch(content.id);
  answer_layer(liar, content);
  for (int lies = 0; lies < 3; ++lies) {
    auto question = liar.take<wire::ChunkGet>();
    ASSERT_TRUE(question) << "after " << lies << " lies";
    liar.session.send_chunk({question->request, question->chunk, 0}, {content.source, 0, 1000});
    run();
    wait(std::chrono::seconds(10));
  }
  EXPECT_FALSE(liar.open);
  accept(hello_of(1, 667, 0), endpoint(66, 50001));
  EXPECT_TRUE(node.peers().empty());

  Remote& honest = accept(1);
  offer(honest, {{"file", content.id}});
  serve(honest, content);
  EXPECT_EQ(state(transfer), swarm::Transfer::State::kDone);
}

}  // namespace
}  // namespace peer
