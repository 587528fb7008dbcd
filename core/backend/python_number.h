#pragma once

#include <cmath>
#include <utility>

#include "core/backend/torch.h"

namespace loom::backend {

/// A number as Python code meets it that mixes floats with tensors of no dimension: an operation
/// with a tensor gives a tensor and is computed in its precision, by the very operator Python
/// calls.
class PythonNumber {
public:
    PythonNumber(double value = 0) : m_value(value) {}
    PythonNumber(at::Tensor tensor) : m_tensor(std::move(tensor)) {}

    bool isTensor() const { return m_tensor.defined(); }
    const at::Tensor& tensor() const { return m_tensor; }
    double toDouble() const { return isTensor() ? m_tensor.item<double>() : m_value; }

    friend PythonNumber operator+(const PythonNumber& a, const PythonNumber& b) {
        if (a.isTensor()) return b.isTensor() ? a.m_tensor + b.m_tensor : a.m_tensor + b.m_value;
        return b.isTensor() ? PythonNumber(b.m_tensor + a.m_value) : a.m_value + b.m_value;
    }
    friend PythonNumber operator-(const PythonNumber& a, const PythonNumber& b) {
        if (a.isTensor()) return b.isTensor() ? a.m_tensor - b.m_tensor : a.m_tensor - b.m_value;
        return b.isTensor() ? PythonNumber(at::rsub(b.m_tensor, a.m_value)) : a.m_value - b.m_value;
    }
    friend PythonNumber operator*(const PythonNumber& a, const PythonNumber& b) {
        if (a.isTensor()) return b.isTensor() ? a.m_tensor * b.m_tensor : a.m_tensor * b.m_value;
        return b.isTensor() ? PythonNumber(b.m_tensor * a.m_value) : a.m_value * b.m_value;
    }
    friend PythonNumber operator/(const PythonNumber& a, const PythonNumber& b) {
        if (a.isTensor()) return b.isTensor() ? a.m_tensor / b.m_tensor : a.m_tensor / b.m_value;
        return b.isTensor() ? PythonNumber(b.m_tensor.reciprocal() * a.m_value)
                            : a.m_value / b.m_value;
    }
    friend PythonNumber operator-(const PythonNumber& a) {
        return a.isTensor() ? PythonNumber(a.m_tensor.neg()) : -a.m_value;
    }
    friend bool operator<(const PythonNumber& a, const PythonNumber& b) {
        if (a.isTensor())
            return (b.isTensor() ? a.m_tensor.lt(b.m_tensor) : a.m_tensor.lt(b.m_value))
                .item<bool>();
        return b.isTensor() ? b.m_tensor.gt(a.m_value).item<bool>() : a.m_value < b.m_value;
    }
    friend bool operator>(const PythonNumber& a, const PythonNumber& b) { return b < a; }
    friend bool operator<=(const PythonNumber& a, const PythonNumber& b) {
        if (a.isTensor())
            return (b.isTensor() ? a.m_tensor.le(b.m_tensor) : a.m_tensor.le(b.m_value))
                .item<bool>();
        return b.isTensor() ? b.m_tensor.ge(a.m_value).item<bool>() : a.m_value <= b.m_value;
    }
    friend bool operator>=(const PythonNumber& a, const PythonNumber& b) { return b <= a; }
    PythonNumber abs() const {
        return isTensor() ? PythonNumber(m_tensor.abs()) : std::abs(m_value);
    }
    PythonNumber sqrt() const {
        return isTensor() ? PythonNumber(m_tensor.sqrt()) : std::sqrt(m_value);
    }
    PythonNumber squared() const {
        return isTensor() ? PythonNumber(m_tensor.pow(2)) : m_value * m_value;
    }
    /// Python's min and max, which keep the first of equals.
    static PythonNumber min(const PythonNumber& a, const PythonNumber& b) { return b < a ? b : a; }
    static PythonNumber max(const PythonNumber& a, const PythonNumber& b) { return b > a ? b : a; }

private:
    at::Tensor m_tensor;
    double m_value = 0;
};

}  // namespace loom::backend
