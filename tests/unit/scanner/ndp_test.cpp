// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "scanner/ndp_codec.h"
#include "scanner/ndp_sweep.h"

namespace scanner {
namespace {

using std::chrono::milliseconds;

net::Ipv6Address ip6(const char* text) { return net::Ipv6Address::parse(text).value(); }
const net::MacAddress kOurMac{{2, 0, 0, 0, 0, 1}};

net::Bytes from_hex(const std::string& text) {
  net::Bytes bytes(text.size() / 2);
  EXPECT_TRUE(net::from_hex(text, bytes));
  return bytes;
}

// Messages as a Linux host with this address sends them.
const std::string kEthernet = "020000000001024c414e000286dd";
const std::string kHost = "fe80000000000000004c41fffe4e0002";
const std::string kUs = "fe800000000000000000000000000001";

// The message's checksum is put in, so that each test spoils just what it is about.
net::Bytes frame(const std::string& message, int hop_limit = 255, const std::string& source = kHost) {
  char head[32];
  std::snprintf(head, sizeof head, "60000000%04x3a%02x", static_cast<unsigned>(message.size() / 2), hop_limit);
  net::Bytes bytes = from_hex(kEthernet + head + source + kUs + message);
  unsigned sum = static_cast<unsigned>(message.size() / 2) + 58;
  for (std::size_t i = 22; i < bytes.size(); ++i) {
    sum += std::to_integer<unsigned>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  bytes[56] = static_cast<std::byte>(~sum >> 8 & 0xff);
  bytes[57] = static_cast<std::byte>(~sum & 0xff);
  return bytes;
}

const std::string kEcho =
    "81000000"
    "1234"
    "0002";
const std::string kAdvertisement =
    "8800000060000000"
    "fe80000000000000004c41fffe4e0002"
    "0201024c414e0002";

std::optional<NdpError> ndp_error_of(const net::Bytes& bytes) {
  const auto evidence = decode_ndp(bytes, 0x1234);
  return evidence.ok() ? std::nullopt : std::optional(evidence.error());
}

TEST(NdpCodec, AnEchoRequestIsTheBytesOfTheRfcs) {
  const NdpRequests requests(kOurMac, ip6("fe80::1"));
  EXPECT_EQ(net::to_hex(requests.echo_to_all(0x1234, 2)),
            "333300000001"
            "020000000001"
            "86dd"
            "60000000"
            "0008"
            "3a"
            "ff"
            "fe800000000000000000000000000001"
            "ff020000000000000000000000000001"
            "8000"
            "7001"
            "1234"
            "0002");
}

TEST(NdpCodec, ASolicitationGoesToTheSolicitedNode) {
  const std::string hex = net::to_hex(NdpRequests(kOurMac, ip6("fe80::1")).solicitation(ip6("fe80::4c:41ff:fe4e:2")));
  EXPECT_EQ(hex.substr(0, 12), "3333ff4e0002");
  EXPECT_NE(hex.find("ff0200000000000000000001ff4e0002"
                     "8700"),
            std::string::npos);
  EXPECT_TRUE(
      hex.ends_with("00000000"
                    "fe80000000000000004c41fffe4e0002"
                    "0101020000000001"));
}

TEST(NdpCodec, WhatWeSendHasTheRightChecksum) {
  // A solicitation is evidence of its sender, so it can be read back.
  const auto evidence = decode_ndp(NdpRequests(kOurMac, ip6("fe80::1")).solicitation(ip6("fe80::2")), 0);
  ASSERT_TRUE(evidence.ok());
  EXPECT_EQ(evidence->address, ip6("fe80::1"));
  EXPECT_EQ(evidence->mac, kOurMac);
  // Of the others only the type is refused, after the checksum.
  for (const net::Bytes& request : {NdpRequests(kOurMac, ip6("fe80::1")).echo_to_all(7, 1),
                                    NdpRequests(kOurMac, ip6("fe80::1")).listener_query()}) {
    EXPECT_EQ(ndp_error_of(request), NdpError::kMessage);
  }
}

TEST(NdpCodec, ReadsWhatHostsSay) {
  const auto echo = decode_ndp(frame(kEcho), 0x1234);
  ASSERT_TRUE(echo.ok());
  EXPECT_EQ(echo->source, Source::kEcho);
  EXPECT_EQ(echo->sequence, 2);
  EXPECT_EQ(echo->address, ip6("fe80::4c:41ff:fe4e:2"));
  EXPECT_EQ(echo->mac, (net::MacAddress{{0x02, 0x4c, 0x41, 0x4e, 0x00, 0x02}}));
  const auto neighbour = decode_ndp(frame(kAdvertisement), 0x1234);
  ASSERT_TRUE(neighbour.ok());
  EXPECT_EQ(neighbour->source, Source::kNeighbour);
  const auto listener = decode_ndp(frame("8f00000000000000", 1), 0x1234);
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ(listener->source, Source::kListener);
}

TEST(NdpCodec, EveryTruncationIsRefused) {
  for (const net::Bytes& whole :
       {frame(kEcho), frame(kAdvertisement), NdpRequests(kOurMac, ip6("fe80::1")).listener_query()}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      EXPECT_EQ(ndp_error_of(net::Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))),
                NdpError::kTruncated)
          << length;
    }
  }
}

TEST(NdpCodec, EveryFieldIsChecked) {
  EXPECT_EQ(ndp_error_of(frame("81000000"
                               "1235"
                               "0002")),
            NdpError::kMessage);  // somebody else's echo
  EXPECT_EQ(ndp_error_of(frame("81010000"
                               "1234"
                               "0002")),
            NdpError::kMessage);  // code
  EXPECT_EQ(ndp_error_of(frame("86000000"
                               "0000000000000000")),
            NdpError::kMessage);  // router advertisement
  EXPECT_EQ(ndp_error_of(frame(kAdvertisement, 254)), NdpError::kHopLimit);
  EXPECT_EQ(ndp_error_of(frame("8f00000000000000", 2)), NdpError::kHopLimit);
  EXPECT_EQ(ndp_error_of(frame("8f00000000000000", 1, "fd000000000000000000000000000002")), NdpError::kHopLimit);
  EXPECT_EQ(ndp_error_of(frame(kEcho, 255, "ff020000000000000000000000000001")), NdpError::kAddress);
  EXPECT_EQ(ndp_error_of(frame(kEcho, 255, "00000000000000000000000000000000")), NdpError::kAddress);
  EXPECT_EQ(ndp_error_of(frame("88000000600000")), NdpError::kLengths);
  EXPECT_EQ(ndp_error_of(frame("8800000060000000"
                               "fe80000000000000004c41fffe4e0002"
                               "0200024c414e0002")),
            NdpError::kLengths);
  net::Bytes spoilt = frame(kEcho);
  spoilt[60] ^= std::byte{1};
  EXPECT_EQ(ndp_error_of(spoilt), NdpError::kChecksum);
  net::Bytes other_type = frame(kEcho);
  other_type[13] = std::byte{0};
  EXPECT_EQ(ndp_error_of(other_type), NdpError::kNotIcmp6);
}

TEST(NdpCodec, ForgedOptionsDoNotMakeAMacOfAGroup) {
  const std::string group =
      "8800000060000000"
      "fe80000000000000004c41fffe4e0002"
      "0201010000000001";
  EXPECT_EQ(ndp_error_of(frame(group)), NdpError::kAddress);
}

TEST(NdpSweep, AsksEverybodyThreeTimesAndWaits) {
  const net::TimePoint start{std::chrono::seconds(9)};
  NdpSweep sweep({}, make_settings(Profile::kLan, 1, {}), start);
  EXPECT_EQ(sweep.due(start), 1U);
  EXPECT_EQ(sweep.due(start), std::nullopt);
  EXPECT_EQ(sweep.deadline(), start + milliseconds(250));
  EXPECT_TRUE(sweep.answered(ip6("fe80::2")));
  EXPECT_EQ(sweep.since_round(start + milliseconds(3), 1), net::Duration(milliseconds(3)));
  EXPECT_EQ(sweep.since_round(start, 2), std::nullopt);
  EXPECT_EQ(sweep.since_round(start, 0), std::nullopt);
  EXPECT_EQ(sweep.due(start + milliseconds(250)), 2U);
  EXPECT_EQ(sweep.due(start + milliseconds(750)), 3U);
  EXPECT_FALSE(sweep.done(start + milliseconds(849)));
  EXPECT_TRUE(sweep.done(start + milliseconds(850)));
}

TEST(NdpSweep, EndsWhenEveryTargetHasAnswered) {
  const net::TimePoint start{std::chrono::seconds(9)};
  NdpSweep sweep({ip6("fd00::1"), ip6("fd00::2")}, make_settings(Profile::kLan, 1, {}), start);
  EXPECT_EQ(sweep.due(start), 1U);
  EXPECT_FALSE(sweep.answered(ip6("fd00::3")));
  EXPECT_TRUE(sweep.answered(ip6("fd00::1")));
  EXPECT_FALSE(sweep.done(start + milliseconds(1)));
  EXPECT_EQ(sweep.silent().size(), 1U);
  EXPECT_TRUE(sweep.answered(ip6("fd00::2")));
  EXPECT_TRUE(sweep.done(start + milliseconds(1)));
  EXPECT_EQ(sweep.due(start + milliseconds(250)), std::nullopt);
}

}  // namespace
}  // namespace scanner
