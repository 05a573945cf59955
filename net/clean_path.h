// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace net {

/// True when `path` is a relative path that may come from the network: 1..4096 bytes of '/'-separated components, none
/// of them empty, ".", "..", longer than 255 bytes, beginning with '.', or holding NUL; valid UTF-8 without control
/// characters (C0, DEL, C1). A symlink may still be in the way: that is Folder's affair.
bool is_clean_path(std::string_view path);

}  // namespace net
