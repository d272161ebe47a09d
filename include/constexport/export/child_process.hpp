/// export/child_process.hpp: runs a function in a child process, which may crash or hang without harm.
///
/// Room: export. POSIX and the standard library. export.hpp tries sizes in it where the caller asks for that: LibTorch
/// refuses most wrong sizes with an exception, but some end the process.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace constexport {

/// What became of a child.
struct child_outcome {
  bool ok = false;
  bool ended_itself = true;  ///< false: it was ended by a signal or by the time limit; `message` says how
  std::string message{};     ///< of the exception
  bool timed_out = false;    ///< the limit ended it
};

namespace detail {

/// "SIGSEGV (segmentation fault)".
inline std::string signal_text(int number) {
  char const* const name = ::sigabbrev_np(number);
  char const* const words = ::sigdescr_np(number);
  std::string text = name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(number);
  if (words != nullptr) text += std::string(" (") + words + ")";
  return text;
}

}  // namespace detail

/// Runs `work` in a child and waits at most `seconds`. Nothing that it does is seen here, except files. If no child can
/// be made, the outcome says so.
template <class Work>
child_outcome in_child(Work&& work, double seconds) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {false, true, std::string("pipe: ") + std::strerror(errno)};
  std::fflush(nullptr);
  pid_t const child = ::fork();
  if (child < 0) {
    std::string const why = std::string("fork: ") + std::strerror(errno);
    ::close(ends[0]);
    ::close(ends[1]);
    return {false, true, why};
  }
  if (child == 0) {
    ::close(ends[0]);
    // What a crash prints is not for the user of the parent.
    if (int const nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
    std::string answer = "+";
    try {
      work();
    } catch (std::exception const& error) {
      answer = std::string("-") + error.what();
    } catch (...) {
      answer = "-unknown exception";
    }
    for (std::string_view rest = answer; !rest.empty();) {
      ssize_t const count = ::write(ends[1], rest.data(), rest.size());
      if (count <= 0) break;
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  using clock = std::chrono::steady_clock;
  auto const until = clock::now() + std::chrono::duration<double>(seconds);
  std::string answer;
  bool late = false;
  for (std::array<char, 4096> block;;) {
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count();
    pollfd waiting{ends[0], POLLIN, 0};
    int const ready = left > 0 ? ::poll(&waiting, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      late = true;
      ::kill(child, SIGKILL);
      break;
    }
    ssize_t const count = ::read(ends[0], block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    answer.append(block.data(), static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (late) return {false, false, "it did not end within " + std::to_string(static_cast<long>(seconds)) + " s", true};
  if (WIFSIGNALED(status)) return {false, false, "it was ended by " + detail::signal_text(WTERMSIG(status))};
  if (answer.empty()) return {false, false, "it ended without an answer"};
  return {answer[0] == '+', true, answer.substr(1)};
}

}  // namespace constexport
