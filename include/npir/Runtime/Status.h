// This file declares how the runtime reports errors: a status, or a value or a
// status. The runtime throws nothing.
#ifndef NPIR_RUNTIME_STATUS_H
#define NPIR_RUNTIME_STATUS_H

#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace npir_rt {

/// Success, or one message: lower-case, no final dot, naming the file, tensor
/// or op. An error is the input's or the user's (exit code 1) unless it is
/// internal (exit code 2).
class [[nodiscard]] Status {
public:
  /// Success.
  Status() = default;
  static Status success() { return Status(); }
  /// The input, or what was asked for, is wrong.
  static Status error(std::string message) {
    return Status(std::move(message), false);
  }
  /// NPIR itself is wrong.
  static Status internal(std::string message) {
    return Status(std::move(message), true);
  }

  bool ok() const { return !text; }
  bool isInternal() const { return !ok() && internalError; }
  /// Empty on success.
  const std::string &message() const {
    static const std::string empty;
    return text ? *text : empty;
  }
  /// The same error with `prefix: ` in front; success stays success.
  Status withContext(const std::string &prefix) const {
    return ok() ? *this : Status(prefix + ": " + *text, internalError);
  }

private:
  Status(std::string message, bool isInternal)
      : text(std::move(message)), internalError(isInternal) {}

  std::optional<std::string> text;
  bool internalError = false;
};

/// A value, or the reason why there is none.
template <typename T>
class [[nodiscard]] Expected {
public:
  Expected(T value) : content(std::move(value)) {}
  Expected(Status failure) : failed(std::move(failure)) {
    assert(!failed.ok() && "success without a value");
  }

  bool ok() const { return content.has_value(); }
  explicit operator bool() const { return ok(); }
  T &operator*() { return *content; }
  const T &operator*() const { return *content; }
  T *operator->() { return &*content; }
  const T *operator->() const { return &*content; }
  /// Success where there is a value.
  const Status &status() const { return failed; }

private:
  std::optional<T> content;
  Status failed;
};

} // namespace npir_rt

#endif // NPIR_RUNTIME_STATUS_H
