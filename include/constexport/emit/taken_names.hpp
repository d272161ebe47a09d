/// emit/taken_names.hpp: names that a program cannot have, because its language or the standard headers have them.
///
/// Room: emit. Includes the standard library only. file_header.hpp and c_header.hpp ask before they make names. Source:
/// ISO C11, clause 7 (what each header declares), and its annex B.
#pragma once

#include <algorithm>
#include <set>
#include <string_view>

namespace constexport::detail {

using word_set = std::set<std::string_view>;

inline word_set words_of(std::string_view text) {
  word_set result;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.find(' ', at), text.size());
    result.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

/// Words that C++20 or C keeps for itself.
inline bool is_cpp_word(std::string_view text) {
  static word_set const words = words_of(
      "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class "
      "co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype "
      "default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline "
      "int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register "
      "reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template "
      "this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t "
      "while xor xor_eq restrict");
  return words.contains(text);
}

/// Macros without arguments of the standard headers, and of compilers: they stand for something wherever they stand.
inline bool is_standard_macro(std::string_view text) {
  static word_set const words = words_of(
      "BUFSIZ CHAR_BIT CLOCKS_PER_SEC DECIMAL_DIG E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY "
      "EBADF EBADMSG EBUSY ECANCELED ECHILD ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDESTADDRREQ EDOM EEXIST "
      "EFAULT EFBIG EHOSTUNREACH EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR ELOOP EMFILE EMLINK "
      "EMSGSIZE ENAMETOOLONG ENETDOWN ENETRESET ENETUNREACH ENFILE ENOBUFS ENODATA ENODEV ENOENT ENOEXEC ENOLCK "
      "ENOLINK ENOMEM ENOMSG ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS ENOTCONN ENOTDIR ENOTEMPTY ENOTRECOVERABLE "
      "ENOTSOCK ENOTSUP ENOTTY ENXIO EOF EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM EPIPE EPROTO EPROTONOSUPPORT "
      "EPROTOTYPE ERANGE EROFS ESPIPE ESRCH ETIME ETIMEDOUT ETXTBSY EWOULDBLOCK EXDEV HUGE_VAL HUGE_VALF HUGE_VALL I "
      "INFINITY L_tmpnam NAN NULL ONCE_FLAG_INIT SIGABRT SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGFPE SIGHUP SIGILL "
      "SIGINT SIGIO SIGIOT SIGKILL SIGPIPE SIGPOLL SIGPROF SIGPWR SIGQUIT SIGRTMAX SIGRTMIN SIGSEGV SIGSTKFLT SIGSTOP "
      "SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ "
      "SIG_DFL SIG_ERR SIG_IGN TMP_MAX WEOF assert complex errno i386 linux math_errhandling stderr stdin stdout unix");
  if (words.contains(text)) return true;
  bool const is_large = std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
  for (std::string_view const end : {"_MAX", "_MIN", "_WIDTH"})
    if (is_large && text.ends_with(end)) return true;
  for (std::string_view const family :
       {"ATOMIC_", "FE_", "FP_", "LC_", "DBL_", "FLT_", "LDBL_", "EXIT_", "SEEK_", "TIME_"})
    if (is_large && text.starts_with(family)) return true;
  // PRId64, SCNxLEAST8
  constexpr std::string_view sizes = "8136LFMP";
  return (text.starts_with("PRI") || text.starts_with("SCN")) && text.size() > 4 &&
         std::string_view("dioxuX").find(text[3]) != std::string_view::npos &&
         sizes.find(text[4]) != std::string_view::npos;
}

/// Functions and types that the standard headers may declare outside of namespaces, and `main`.
inline bool is_standard_name(std::string_view text) {
  static word_set const words = words_of(
      "FILE abort abs acos acosf acosh acoshf acoshl acosl aligned_alloc asctime asin asinf asinh asinhf asinhl asinl "
      "at_quick_exit atan atan2 atan2f atan2l atanf atanh atanhf atanhl atanl atexit atof atoi atol atoll bsearch "
      "btowc c16rtomb c32rtomb calloc cbrt cbrtf cbrtl ceil ceilf ceill clearerr clock clock_t copysign copysignf "
      "copysignl cos cosf cosh coshf coshl cosl ctime difftime div div_t double_t erf erfc erfcf erfcl erff erfl exit "
      "exp exp2 exp2f exp2l expf expl expm1 expm1f expm1l fabs fabsf fabsl fclose fdim fdimf fdiml feclearexcept "
      "fegetenv fegetexceptflag fegetround feholdexcept fenv_t feof feraiseexcept ferror fesetenv fesetexceptflag "
      "fesetround fetestexcept feupdateenv fexcept_t fflush fgetc fgetpos fgets fgetwc fgetws float_t floor floorf "
      "floorl fma fmaf fmal fmax fmaxf fmaxl fmin fminf fminl fmod fmodf fmodl fopen fpos_t fprintf fputc fputs "
      "fputwc fputws fread free freopen frexp frexpf frexpl fscanf fseek fsetpos ftell fwide fwprintf fwrite fwscanf "
      "getc getchar getenv getwc getwchar gmtime hypot hypotf hypotl ilogb ilogbf ilogbl imaxabs imaxdiv imaxdiv_t "
      "intmax_t intptr_t isalnum isalpha isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper "
      "iswalnum iswalpha iswblank iswcntrl iswctype iswdigit iswgraph iswlower iswprint iswpunct iswspace iswupper "
      "iswxdigit isxdigit jmp_buf labs ldexp ldexpf ldexpl ldiv ldiv_t lgamma lgammaf lgammal llabs lldiv lldiv_t "
      "llrint llrintf llrintl llround llroundf llroundl localeconv localtime log log10 log10f log10l log1p log1pf "
      "log1pl log2 log2f log2l logb logbf logbl logf logl longjmp lrint lrintf lrintl lround lroundf lroundl main "
      "malloc max_align_t mblen mbrlen mbrtoc16 mbrtoc32 mbrtowc mbsinit mbsrtowcs mbstate_t mbstowcs mbtowc memchr "
      "memcmp memcpy memmove memset mktime modf modff modfl nan nanf nanl nearbyint nearbyintf nearbyintl nextafter "
      "nextafterf nextafterl nexttoward nexttowardf nexttowardl perror pow powf powl printf ptrdiff_t putc putchar "
      "puts putwc putwchar qsort quick_exit raise rand realloc remainder remainderf remainderl remove remquo remquof "
      "remquol rename rewind rint rintf rintl round roundf roundl scalbln scalblnf scalblnl scalbn scalbnf scalbnl "
      "scanf setbuf setjmp setlocale setvbuf sig_atomic_t signal sin sinf sinh sinhf sinhl sinl size_t snprintf "
      "sprintf sqrt sqrtf sqrtl srand sscanf strcat strchr strcmp strcoll strcpy strcspn strerror strftime strlen "
      "strncat strncmp strncpy strpbrk strrchr strspn strstr strtod strtof strtoimax strtok strtol strtold strtoll "
      "strtoul strtoull strtoumax strxfrm swprintf swscanf system tan tanf tanh tanhf tanhl tanl tgamma tgammaf "
      "tgammal time time_t timespec_get tmpfile tmpnam tolower toupper towctrans towlower towupper trunc truncf "
      "truncl uintmax_t uintptr_t ungetc ungetwc vfprintf vfscanf vfwprintf vfwscanf vprintf vscanf vsnprintf "
      "vsprintf vsscanf vswprintf vswscanf vwprintf vwscanf wcrtomb wcscat wcschr wcscmp wcscoll wcscpy wcscspn "
      "wcsftime wcslen wcsncat wcsncmp wcsncpy wcspbrk wcsrchr wcsrtombs wcsspn wcsstr wcstod wcstof wcstoimax wcstok "
      "wcstol wcstold wcstoll wcstombs wcstoul wcstoull wcstoumax wcsxfrm wctob wctomb wctrans wctrans_t wctype "
      "wctype_t wint_t wmemchr wmemcmp wmemcpy wmemmove wmemset wprintf wscanf");
  bool const is_integer = (text.starts_with("int") || text.starts_with("uint")) && text.ends_with("_t");
  return is_integer || words.contains(text);
}

}  // namespace constexport::detail
