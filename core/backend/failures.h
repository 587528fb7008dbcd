#pragma once

#include <exception>
#include <string>
#include <utility>

#include "core/base/result.h"

namespace loom::backend {

class CompiledNetwork;

/// Thrown by layers that refuse numbers which only come while computing. In the program's words: a
/// clause that goes after "conv1 could not compute this: ".
class Refusal : public std::exception {
public:
    explicit Refusal(std::string clause, std::string hint = {})
        : m_clause(std::move(clause)), m_hint(std::move(hint)) {}
    const char* what() const noexcept override { return m_clause.c_str(); }
    const std::string& hint() const { return m_hint; }

private:
    std::string m_clause, m_hint;
};

/// Thrown by a network whose Input block receives samples of another size than it takes.
class SampleSizeError : public std::exception {
public:
    explicit SampleSizeError(Error error) : m_error(std::move(error)) {}
    const char* what() const noexcept override { return m_error.message.c_str(); }
    const Error& error() const { return m_error; }

private:
    Error m_error;
};

/// Whether memory ran out, the machine's or a graphics card's.
bool isOutOfMemory(const std::exception& failure);
/// Whether a normalisation received a single number per channel.
bool isSingleValue(const std::exception& failure);

/// What an exception from computing with `network` means: a sentence that names the block and what
/// arrived there. The words of torch and of the C++ library stay out of it; they speak of matrices
/// and files that the person at the screen has never seen. `network`: null before there is one.
Error explainFailure(const std::exception& failure, const CompiledNetwork* network);

}  // namespace loom::backend
