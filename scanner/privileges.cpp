// SPDX-License-Identifier: MIT
#include "scanner/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "net/number.h"

namespace scanner {
namespace {

void check(int status, const char* what) {
  if (status != 0) throw std::system_error(errno, std::generic_category(), what);
}

struct FreeCapabilities {
  void operator()(cap_t caps) const { cap_free(caps); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCapabilities>;

Capabilities current_capabilities() {
  Capabilities caps(cap_get_proc());
  if (!caps) throw std::system_error(errno, std::generic_category(), "read the capabilities");
  return caps;
}

bool permitted(cap_value_t capability) {
  cap_flag_value_t set = CAP_CLEAR;
  check(cap_get_flag(current_capabilities().get(), capability, CAP_PERMITTED, &set), "read the capabilities");
  return set == CAP_SET;
}

// Makes CAP_NET_RAW the only capability, permitted or also in effect, or leaves none at all.
void set_capabilities(bool keep_raw, bool in_effect) {
  const Capabilities caps(cap_init());
  if (!caps) throw std::system_error(errno, std::generic_category(), "set the capabilities");
  const cap_value_t raw = CAP_NET_RAW;
  if (keep_raw) check(cap_set_flag(caps.get(), CAP_PERMITTED, 1, &raw, CAP_SET), "set the capabilities");
  if (keep_raw && in_effect) check(cap_set_flag(caps.get(), CAP_EFFECTIVE, 1, &raw, CAP_SET), "set the capabilities");
  check(cap_set_proc(caps.get()), "set the capabilities");
}

// What an executed program could regain from its file. Needs CAP_SETPCAP, which a set-capability program does not have;
// no_new_privs closes that way as well.
void drop_bounding_set() {
  for (cap_value_t capability = 0; cap_get_bound(capability) >= 0; ++capability) {
    if (cap_drop_bound(capability) != 0) return;
  }
}

void become(Identity who) {
  const passwd* entry = getpwuid(who.user);
  if (entry != nullptr) {
    check(initgroups(entry->pw_name, who.group), "take over the user's groups");
  } else {
    const gid_t group = who.group;
    check(setgroups(1, &group), "take over the user's group");
  }
  check(setresgid(who.group, who.group, who.group), "become the user's group");
  check(setresuid(who.user, who.user, who.user), "become the user");
}

std::optional<std::uint32_t> parse_id(const char* text) {
  if (text == nullptr) return std::nullopt;
  const auto id = net::parse_number<std::uint32_t>(text);
  // The highest number means "no change" to setresuid.
  return id == 0xffffffff ? std::nullopt : id;
}

std::optional<Identity> invoking_user() {
  if (geteuid() != 0) return std::nullopt;
  if (getuid() != 0) return Identity{getuid(), getgid()};
  return parse_invoking_user(std::getenv("SUDO_UID"), std::getenv("SUDO_GID"));
}

}  // namespace

std::optional<Identity> parse_invoking_user(const char* uid, const char* gid) {
  const auto user = parse_id(uid);
  const auto group = parse_id(gid);
  if (!user || !group || *user == 0) return std::nullopt;
  return Identity{*user, *group};
}

bool may_open_raw_sockets() { return permitted(CAP_NET_RAW); }

void keep_only_raw_sockets() {
  const bool raw = permitted(CAP_NET_RAW);
  drop_bounding_set();
  if (const auto who = invoking_user()) {
    check(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "keep the capability");
    become(*who);
    check(prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0), "keep the capability");
  }
  set_capabilities(raw, false);
  (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs");
}

void with_raw_sockets(const std::function<void()>& open) {
  set_capabilities(true, true);
  open();
  set_capabilities(true, false);
}

void drop_privileges() {
  set_capabilities(false, false);
  if (permitted(CAP_NET_RAW)) throw std::system_error(EPERM, std::generic_category(), "drop CAP_NET_RAW");
  if (getuid() != 0 && setuid(0) == 0) throw std::system_error(EPERM, std::generic_category(), "drop root for good");
}

}  // namespace scanner
