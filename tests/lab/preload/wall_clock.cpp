// SPDX-License-Identifier: MIT
// For LD_PRELOAD: the program's wall clock goes by as many seconds before (or, below 0, behind) the host's as the file
// says that the environment variable WALL_CLOCK names; it is read each time. The other clocks are what they are.
//
// Only system calls are made here, as a sanitizer's own versions of functions may not be ready when it reads a clock.
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace {

long shift_of(const char* text, long length) {
  const bool negative = length > 0 && text[0] == '-';
  long seconds = 0;
  for (long i = negative ? 1 : 0; i < length && text[i] >= '0' && text[i] <= '9'; ++i) {
    seconds = 10 * seconds + (text[i] - '0');
  }
  return negative ? -seconds : seconds;
}

long shift() {
  const char* path = std::getenv("WALL_CLOCK");
  if (path == nullptr) return 0;
  const int error = errno;
  std::array<char, 16> text{};
  const long file = ::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  const long length = file < 0 ? 0 : ::syscall(SYS_read, file, text.data(), text.size());
  if (file >= 0) ::syscall(SYS_close, file);
  errno = error;
  return shift_of(text.data(), length);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const long result = ::syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += shift();
  return static_cast<int>(result);
}

int gettimeofday(timeval* now, void*) noexcept {
  timespec precise{};
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
