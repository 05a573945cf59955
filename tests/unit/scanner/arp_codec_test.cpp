// SPDX-License-Identifier: MIT
#include "scanner/arp_codec.h"

#include <gtest/gtest.h>

#include "scanner/evidence.h"

namespace scanner {
namespace {

const net::MacAddress kOurs{{2, 0, 0, 0, 0, 1}};
const net::MacAddress kTheirs{{0x00, 0x1b, 0x21, 0xaa, 0xbb, 0xcc}};
const net::MacAddress kAll{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

ArpMessage reply() { return {kOurs, kTheirs, ArpOperation::kReply, kTheirs, {0x0a000007}, kOurs, {0x0a000001}}; }

net::Bytes changed(std::size_t offset, std::initializer_list<int> bytes) {
  net::Bytes frame = encode_arp(reply());
  for (const int byte : bytes) frame.at(offset++) = static_cast<std::byte>(byte);
  return frame;
}

net::Bytes tagged(int type, int control, int inner = 0x0806) {
  net::Bytes frame = encode_arp(reply());
  const std::byte tag[] = {std::byte(type >> 8),      std::byte(type & 0xff), std::byte(control >> 8),
                           std::byte(control & 0xff), std::byte(inner >> 8),  std::byte(inner & 0xff)};
  frame.erase(frame.begin() + 12, frame.begin() + 14);
  frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
  return frame;
}

std::optional<ArpError> error_of(const net::Bytes& frame) {
  const auto message = decode_arp(frame);
  return message.ok() ? std::nullopt : std::optional(message.error());
}

TEST(ArpCodec, RequestIsTheBytesOfRfc826) {
  ArpRequests requests(kOurs, {0x0a000001});
  EXPECT_EQ(net::to_hex(requests.for_target({0x0a0000fe})),
            "ffffffffffff"
            "020000000001"
            "0806"
            "0001"
            "0800"
            "06"
            "04"
            "0001"
            "020000000001"
            "0a000001"
            "000000000000"
            "0a0000fe");
  EXPECT_EQ(net::to_hex(requests.for_target({0xc0a80102})).substr(76), "c0a80102");
}

TEST(ArpCodec, ReadsBackWhatItWrites) {
  const auto message = decode_arp(encode_arp(reply()));
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(*message, reply());
}

// T12
TEST(ArpCodec, EveryTruncationIsRefusedAndPaddingIgnored) {
  const net::Bytes whole = encode_arp(reply());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(error_of(net::Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))),
              ArpError::kTruncated)
        << length;
  }
  net::Bytes padded = whole;
  while (padded.size() < 60) {
    padded.push_back(std::byte{0xee});
    EXPECT_EQ(error_of(padded), std::nullopt);
  }
}

// T12
TEST(ArpCodec, EveryFieldIsChecked) {
  EXPECT_EQ(error_of(changed(12, {0x08, 0x00})), ArpError::kNotArp);
  EXPECT_EQ(error_of(changed(12, {0x80, 0x35})), ArpError::kNotArp);  // RARP
  EXPECT_EQ(error_of(changed(14, {0, 6})), ArpError::kHardwareType);
  EXPECT_EQ(error_of(changed(16, {0x86, 0xdd})), ArpError::kProtocolType);
  EXPECT_EQ(error_of(changed(18, {5})), ArpError::kLengths);
  EXPECT_EQ(error_of(changed(18, {0xff, 0xff})), ArpError::kLengths);
  EXPECT_EQ(error_of(changed(19, {16})), ArpError::kLengths);
  EXPECT_EQ(error_of(changed(18, {0, 0})), ArpError::kLengths);
  for (const int operation : {0, 3, 4, 8, 9, 0xff})
    EXPECT_EQ(error_of(changed(20, {0, operation})), ArpError::kOperation);
  EXPECT_EQ(error_of(changed(20, {1, 2})), ArpError::kOperation);
  EXPECT_EQ(error_of(changed(22, {0, 0, 0, 0, 0, 0})), ArpError::kSenderMac);
  EXPECT_EQ(error_of(changed(22, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff})), ArpError::kSenderMac);
  EXPECT_EQ(error_of(changed(22, {0x01, 0, 0x5e, 0, 0, 1})), ArpError::kSenderMac);
  for (const auto& sender :
       {std::initializer_list<int>{0, 0, 0, 0}, {0, 1, 2, 3}, {127, 0, 0, 1}, {224, 0, 0, 1}, {255, 255, 255, 255}}) {
    EXPECT_EQ(error_of(changed(28, sender)), ArpError::kSender);
  }
}

// T12
TEST(ArpCodec, TakesPriorityTagsButNoOtherVlan) {
  EXPECT_EQ(error_of(tagged(0x8100, 0x0000)), std::nullopt);
  EXPECT_EQ(error_of(tagged(0x8100, 0xe000)), std::nullopt);
  EXPECT_EQ(error_of(tagged(0x8100, 0x0064)), ArpError::kOtherVlan);
  EXPECT_EQ(error_of(tagged(0x8100, 0x0fff)), ArpError::kOtherVlan);
  EXPECT_EQ(error_of(tagged(0x8100, 0x0000, 0x8100)), ArpError::kOtherVlan);
  EXPECT_EQ(error_of(tagged(0x88a8, 0x0000)), ArpError::kOtherVlan);
  const net::Bytes frame = tagged(0x8100, 0);
  for (std::size_t length = 0; length < frame.size(); ++length) {
    EXPECT_EQ(error_of(net::Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length))),
              ArpError::kTruncated)
        << length;
  }
}

TEST(Evidence, TellsHowAHostShowedItself) {
  ArpMessage message = reply();
  EXPECT_EQ(judge(message, kOurs)->source, Source::kReply);
  EXPECT_TRUE(judge(message, kOurs)->to_us);
  message.ether_destination = kAll;
  EXPECT_EQ(judge(message, kOurs)->source, Source::kBroadcastReply);
  EXPECT_TRUE(judge(message, kOurs)->to_us);
  message.target_mac = {{2, 0, 0, 0, 0, 9}};
  EXPECT_FALSE(judge(message, kOurs)->to_us);
  message.operation = ArpOperation::kRequest;
  EXPECT_EQ(judge(message, kOurs)->source, Source::kRequest);
  EXPECT_FALSE(judge(message, kOurs)->to_us);
  message.target = message.sender;
  EXPECT_EQ(judge(message, kOurs)->source, Source::kGratuitous);
  message.operation = ArpOperation::kReply;
  EXPECT_EQ(judge(message, kOurs)->source, Source::kGratuitous);
}

TEST(Evidence, OurOwnMessagesAreNone) {
  EXPECT_FALSE(judge(reply(), kTheirs));
  ArpMessage relayed = reply();
  relayed.sender_mac = {{2, 0, 0, 0, 0, 9}};
  EXPECT_FALSE(judge(relayed, kTheirs));
}

}  // namespace
}  // namespace scanner
