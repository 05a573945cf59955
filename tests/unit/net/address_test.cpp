// SPDX-License-Identifier: MIT
#include "net/address.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace net {
namespace {

struct Spelling {
  std::string_view text, canonical;
};

TEST(MacAddress, ParsesBothSeparators) {
  for (auto [text, canonical] :
       {Spelling{"00:1A:2b:3c:4d:5e", "00:1a:2b:3c:4d:5e"}, Spelling{"ff-ff-ff-ff-ff-ff", "ff:ff:ff:ff:ff:ff"}}) {
    auto mac = MacAddress::parse(text);
    ASSERT_TRUE(mac) << text;
    EXPECT_EQ(mac->to_string(), canonical);
  }
}

TEST(MacAddress, RefusesOtherForms) {
  for (std::string_view text : {"", "00:1a:2b:3c:4d", "00:1a:2b:3c:4d:5e:6f", "00:1a:2b:3c:4d:5", "0:1a:2b:3c:4d:5e",
                                "00-1a:2b:3c:4d:5e", "001a.2b3c.4d5e", "001a2b3c4d5e", "00:1a:2b:3c:4d:5g",
                                " 0:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d:5e ", "00 1a 2b 3c 4d 5e", "+0:1a:2b:3c:4d:5e"}) {
    EXPECT_FALSE(MacAddress::parse(text)) << text;
  }
}

TEST(MacAddress, KnowsItsKinds) {
  EXPECT_TRUE(MacAddress::parse("01:00:5e:00:00:01")->is_multicast());
  EXPECT_TRUE(MacAddress::parse("02:00:00:00:00:01")->is_locally_administered());
  EXPECT_FALSE(MacAddress::parse("00:1a:2b:3c:4d:5e")->is_locally_administered());
  EXPECT_TRUE(MacAddress{}.is_zero());
}

TEST(Ipv4Address, ParsesAndFormats) {
  for (std::string_view text : {"0.0.0.0", "255.255.255.255", "10.0.0.7", "1.2.3.4", "192.168.100.200"}) {
    auto address = Ipv4Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
  EXPECT_EQ(Ipv4Address::parse("1.2.3.4")->value, 0x01020304u);
}

TEST(Ipv4Address, RefusesHostileForms) {
  using namespace std::string_view_literals;
  for (std::string_view text : {""sv,
                                "1"sv,
                                "1.2.3"sv,
                                "1.2.3.4.5"sv,
                                "1.2.3."sv,
                                ".1.2.3"sv,
                                "1..2.3"sv,
                                "1.2.3.256"sv,
                                "256.2.3.4"sv,
                                "01.2.3.4"sv,
                                "1.2.3.04"sv,
                                "1.2.3.00"sv,
                                "1.2.3.4 "sv,
                                " 1.2.3.4"sv,
                                "1.2.3.4x"sv,
                                "1.2.3.-4"sv,
                                "1.2.3.+4"sv,
                                "0x1.2.3.4"sv,
                                "1.2.3.4294967297"sv,
                                "1.2.3.99999999999999999999"sv,
                                "1.2.3.4\0"sv,
                                "1.2.3.4\n"sv,
                                "1,2,3,4"sv,
                                "1.2.3.4."sv,
                                "1.2.3.4/24"sv,
                                "\xd9\xa1.2.3.4"sv}) {
    EXPECT_FALSE(Ipv4Address::parse(text)) << text;
  }
}

TEST(Ipv4Address, KnowsItsRanges) {
  auto is_private = [](std::string_view text) { return Ipv4Address::parse(text)->is_private(); };
  for (std::string_view text : {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0",
                                "192.168.255.255", "100.64.0.0", "100.127.255.255"}) {
    EXPECT_TRUE(is_private(text)) << text;
  }
  for (std::string_view text : {"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
                                "192.169.0.0", "100.63.255.255", "100.128.0.0", "127.0.0.1", "169.254.0.1"}) {
    EXPECT_FALSE(is_private(text)) << text;
  }
  EXPECT_TRUE(Ipv4Address::parse("127.255.0.1")->is_loopback());
  EXPECT_TRUE(Ipv4Address::parse("169.254.3.4")->is_link_local());
  EXPECT_TRUE(Ipv4Address::parse("224.0.0.1")->is_multicast());
  EXPECT_TRUE(Ipv4Address::parse("239.255.255.255")->is_multicast());
  EXPECT_FALSE(Ipv4Address::parse("240.0.0.0")->is_multicast());
  EXPECT_TRUE(Ipv4Address::parse("255.255.255.255")->is_limited_broadcast());
}

TEST(Ipv6Address, FormatsByRfc5952) {
  for (auto [text, canonical] :
       {Spelling{"::", "::"}, Spelling{"::1", "::1"}, Spelling{"1::", "1::"},
        Spelling{"2001:DB8:0:0:0:0:0:1", "2001:db8::1"}, Spelling{"2001:db8::0001", "2001:db8::1"},
        Spelling{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, Spelling{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        Spelling{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"}, Spelling{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        Spelling{"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"}, Spelling{"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
        Spelling{"::ffff:102:304", "::ffff:1.2.3.4"}, Spelling{"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
        Spelling{"1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"}, Spelling{"fe80::1%eth0", "fe80::1%eth0"},
        Spelling{"fe80::a:0%12", "fe80::a:0%12"}, Spelling{"ff02::1%br-0.1_x", "ff02::1%br-0.1_x"},
        Spelling{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}}) {
    auto address = Ipv6Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), canonical) << text;
    EXPECT_EQ(Ipv6Address::parse(canonical), address) << text;
  }
}

TEST(Ipv6Address, RefusesHostileForms) {
  using namespace std::string_view_literals;
  for (std::string_view text : {""sv,
                                ":"sv,
                                ":::"sv,
                                "1"sv,
                                "1:2:3:4:5:6:7"sv,
                                "1:2:3:4:5:6:7:8:9"sv,
                                "1:2:3:4:5:6:7:8::"sv,
                                "::1:2:3:4:5:6:7:8"sv,
                                "1::2::3"sv,
                                "1:::2"sv,
                                ":1::2"sv,
                                "1::2:"sv,
                                "12345::"sv,
                                "g::"sv,
                                "::1 "sv,
                                " ::1"sv,
                                "1.2.3.4::"sv,
                                "::1.2.3.4:5"sv,
                                "::1.2.3"sv,
                                "::1.2.3.256"sv,
                                "::01.2.3.4"sv,
                                "1:2:3:4:5:6:7:1.2.3.4"sv,
                                "[::1]"sv,
                                "::1\0"sv,
                                "fe80::1%"sv,
                                "fe80::1%a/b"sv,
                                "fe80::1%a b"sv,
                                "fe80::1%0123456789abcdef"sv,
                                "fe80::1%a%b"sv,
                                "fe80::1%\x1b[m"sv,
                                "::1/128"sv,
                                "0x1::"sv,
                                "-1::"sv}) {
    EXPECT_FALSE(Ipv6Address::parse(text)) << text;
  }
}

TEST(Ipv6Address, OnlyScopedAddressesHaveAZone) {
  EXPECT_FALSE(Ipv6Address::parse("2001:db8::1%eth0"));
  EXPECT_FALSE(Ipv6Address::parse("::1%lo"));
  EXPECT_FALSE(Ipv6Address::parse("::ffff:10.0.0.1%eth0"));
  EXPECT_TRUE(Ipv6Address::parse("fe80::1%eth0"));
}

TEST(Ipv6Address, KnowsItsRanges) {
  EXPECT_TRUE(Ipv6Address::parse("::")->is_unspecified());
  EXPECT_TRUE(Ipv6Address::parse("::1")->is_loopback());
  EXPECT_FALSE(Ipv6Address::parse("1::1")->is_loopback());
  EXPECT_TRUE(Ipv6Address::parse("ff02::1")->is_multicast());
  EXPECT_TRUE(Ipv6Address::parse("febf::1")->is_link_local());
  EXPECT_FALSE(Ipv6Address::parse("fec0::1")->is_link_local());
  EXPECT_TRUE(Ipv6Address::parse("fd00::2")->is_unique_local());
  EXPECT_FALSE(Ipv6Address::parse("fe00::2")->is_unique_local());
  EXPECT_FALSE(Ipv6Address::parse("::fffe:1.2.3.4")->mapped_ipv4());
}

TEST(IpAddress, AMappedAddressIsTheIpv4Address) {
  auto address = IpAddress::parse("::ffff:10.0.0.7");
  ASSERT_TRUE(address && address->v4());
  EXPECT_EQ(*address, *IpAddress::parse("10.0.0.7"));
  EXPECT_EQ(address->to_string(), "10.0.0.7");
}

TEST(IpAddress, ClassifiesBothFamilies) {
  auto parsed = [](std::string_view text) { return *IpAddress::parse(text); };
  for (std::string_view text : {"10.1.2.3", "169.254.1.1", "100.64.0.1", "fd00::1", "fe80::1%eth0"}) {
    EXPECT_TRUE(parsed(text).is_private_range()) << text;
  }
  for (std::string_view text : {"8.8.8.8", "127.0.0.1", "::1", "2001:db8::1", "ff02::1", "224.0.0.1", "0.0.0.0"}) {
    EXPECT_FALSE(parsed(text).is_private_range()) << text;
  }
  EXPECT_TRUE(parsed("::").is_unspecified());
  EXPECT_TRUE(IpAddress().is_unspecified());
  EXPECT_TRUE(parsed("::1").is_loopback());
  EXPECT_TRUE(parsed("::ffff:127.0.0.1").is_loopback());
  EXPECT_TRUE(parsed("ff02::1").is_multicast());
}

TEST(IpAddress, Ipv4SortsByNumberAndBeforeIpv6) {
  std::vector<std::string> sorted{"9.0.0.1", "10.0.0.2", "10.0.0.10", "::1", "fe80::1%eth0", "fe80::1%eth1"};
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    EXPECT_LT(*IpAddress::parse(sorted[i - 1]), *IpAddress::parse(sorted[i])) << sorted[i];
  }
}

struct EndpointForm {
  std::string_view text, full, brief;
};

TEST(Endpoint, AcceptsEveryDocumentedForm) {
  for (auto [text, full, brief] :
       {EndpointForm{"10.0.0.7", "10.0.0.7:12345", "10.0.0.7"},
        EndpointForm{"10.0.0.7:12345", "10.0.0.7:12345", "10.0.0.7"},
        EndpointForm{"10.0.0.7:1", "10.0.0.7:1", "10.0.0.7:1"},
        EndpointForm{"10.0.0.7:65535", "10.0.0.7:65535", "10.0.0.7:65535"}, EndpointForm{"::1", "[::1]:12345", "[::1]"},
        EndpointForm{"[::1]", "[::1]:12345", "[::1]"}, EndpointForm{"[::1]:80", "[::1]:80", "[::1]:80"},
        EndpointForm{"fe80::1:80", "[fe80::1:80]:12345", "[fe80::1:80]"},
        EndpointForm{"[fe80::1%eth0]:80", "[fe80::1%eth0]:80", "[fe80::1%eth0]:80"},
        EndpointForm{"::ffff:1.2.3.4", "1.2.3.4:12345", "1.2.3.4"},
        EndpointForm{"[::ffff:1.2.3.4]:9", "1.2.3.4:9", "1.2.3.4:9"}}) {
    auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->to_string(), full) << text;
    EXPECT_EQ(endpoint->to_short_string(), brief) << text;
    EXPECT_EQ(Endpoint::parse(full), endpoint) << text;
    EXPECT_EQ(Endpoint::parse(brief), endpoint) << text;
  }
  EXPECT_EQ(Endpoint::parse("10.0.0.7", 80)->port, 80);
  EXPECT_EQ(Endpoint::parse("10.0.0.7:81", 80)->to_short_string(81), "10.0.0.7");
}

TEST(Endpoint, RefusesHostileForms) {
  using namespace std::string_view_literals;
  for (std::string_view text : {""sv,
                                ":"sv,
                                ":80"sv,
                                "10.0.0.7:"sv,
                                "10.0.0.7:0"sv,
                                "10.0.0.7:65536"sv,
                                "10.0.0.7:99999999999"sv,
                                "10.0.0.7:080"sv,
                                "10.0.0.7:+80"sv,
                                "10.0.0.7:-1"sv,
                                "10.0.0.7: 80"sv,
                                "10.0.0.7:80 "sv,
                                "10.0.0.7:80:90"sv,
                                "10.0.0.256:80"sv,
                                "010.0.0.7"sv,
                                "[::1]:0"sv,
                                "[::1]:"sv,
                                "[::1]80"sv,
                                "[::1"sv,
                                "::1]"sv,
                                "[]"sv,
                                "[]:80"sv,
                                "[10.0.0.7]:80"sv,
                                "[::1]:65536"sv,
                                "[[::1]]:80"sv,
                                "host:80"sv,
                                "10.0.0.7:80\0"sv,
                                "10.0.0.7,"sv,
                                "[::1]x:80"sv,
                                "[2001:db8::1%x]"sv}) {
    EXPECT_FALSE(Endpoint::parse(text)) << text;
  }
}

TEST(Ipv4Network, CoversItsRange) {
  struct Case {
    std::string_view text, canonical, mask, last;
  };
  for (auto [text, canonical, mask, last] :
       {Case{"10.0.0.0/24", "10.0.0.0/24", "255.255.255.0", "10.0.0.255"},
        Case{"10.1.2.3/8", "10.0.0.0/8", "255.0.0.0", "10.255.255.255"},
        Case{"10.0.0.7/31", "10.0.0.6/31", "255.255.255.254", "10.0.0.7"},
        Case{"10.0.0.7/32", "10.0.0.7/32", "255.255.255.255", "10.0.0.7"},
        Case{"1.2.3.4/0", "0.0.0.0/0", "0.0.0.0", "255.255.255.255"},
        Case{"255.255.255.255/1", "128.0.0.0/1", "128.0.0.0", "255.255.255.255"}}) {
    auto network = Ipv4Network::parse(text);
    ASSERT_TRUE(network) << text;
    EXPECT_EQ(network->to_string(), canonical);
    EXPECT_EQ(Ipv4Address{network->mask()}.to_string(), mask);
    EXPECT_EQ(network->last().to_string(), last);
    EXPECT_TRUE(network->contains(network->base));
    EXPECT_TRUE(network->contains(network->last()));
    if (network->prefix > 0) {
      EXPECT_FALSE(network->contains(Ipv4Address{network->last().value + 1}));
      EXPECT_FALSE(network->contains(Ipv4Address{network->base.value - 1}));
    }
  }
}

TEST(Ipv4Network, RefusesOtherForms) {
  for (std::string_view text : {"", "/", "10.0.0.0", "10.0.0.0/", "/24", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/024",
                                "10.0.0.0/24/24", "10.0.0.0/24 ", "10.0.0/24", "::/0", "10.0.0.0/4294967320"}) {
    EXPECT_FALSE(Ipv4Network::parse(text)) << text;
  }
  EXPECT_DEATH(Ipv4Network::of({}, 33), "check failed");
}

}  // namespace
}  // namespace net
