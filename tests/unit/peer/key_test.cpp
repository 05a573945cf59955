// SPDX-License-Identifier: MIT
#include "peer/key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/peer/files/temp_folder.h"

namespace peer {
namespace {

TEST(NodeKey, GeneratedKeysDiffer) {
  EXPECT_NE(NodeKey::generate().public_key(), NodeKey::generate().public_key());
  EXPECT_NE(NodeKey::generate().public_key(), (std::array<std::byte, 32>{}));
}

TEST(NodeKey, IsMadeOnceAndKeptForItsOwnerAlone) {
  files::TempFolder temp;
  NodeKey first = NodeKey::load_or_create(temp.folder(), "key");
  EXPECT_EQ(NodeKey::load_or_create(temp.folder(), "key").public_key(), first.public_key());
  EXPECT_NE(NodeKey::load_or_create(temp.folder(), "other").public_key(), first.public_key());
  auto status = temp.folder().status("key");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->mode & 0777, 0600u);
}

TEST(NodeKey, AFileThatIsNoKeyIsNamedAndNotReplaced) {
  for (const std::string& text : {std::string(), std::string("junk"), std::string(3000, 'x'), std::string(100'000, 'x'),
                                  std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")}) {
    files::TempFolder temp;
    temp.write("key", text);
    try {
      NodeKey::load_or_create(temp.folder(), "key");
      ADD_FAILURE() << "taken for a key";
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find(".p2p/key"), std::string::npos) << error.what();
    }
    EXPECT_EQ(temp.read("key"), text);
  }
}

// A key of another kind names no node.
TEST(NodeKey, AnotherKindOfKeyIsRefused) {
  files::TempFolder temp;
  temp.write("key",
             "-----BEGIN PRIVATE KEY-----\n"
             "MC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq\n"
             "-----END PRIVATE KEY-----\n");
  EXPECT_THROW(NodeKey::load_or_create(temp.folder(), "key"), std::runtime_error) << "an X25519 key";
}

// Its passphrase is asked of nobody: a peer that serves has no terminal, or one that waits for something else.
TEST(NodeKey, AnEncryptedKeyIsRefused) {
  files::TempFolder temp;
  temp.write("key",
             "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
             "MIGaMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAgK07CI9deOQgIBATAM\n"
             "BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBAgQQTv4I19mMo1+IjbmaY9y7SwRAF+iB\n"
             "bhC4rmnej3/XolMD4AS/w/V1ep8IZXpITQ+0R9XUt2ao8Xh4dBz3g3+E5OC8tw0o\n"
             "PFA5APfmwkOBwy5aZA==\n"
             "-----END ENCRYPTED PRIVATE KEY-----\n");
  EXPECT_THROW(NodeKey::load_or_create(temp.folder(), "key"), std::runtime_error);
}

TEST(NodeKey, AFolderInItsPlaceIsAnError) {
  files::TempFolder temp;
  ASSERT_TRUE(temp.folder().make_folders("key"));
  EXPECT_THROW(NodeKey::load_or_create(temp.folder(), "key"), std::runtime_error);
}

}  // namespace
}  // namespace peer
