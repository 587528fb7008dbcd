#include "widgets/explain/tensor_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace loom {

namespace {

template <class T>
std::vector<double> readAs(const std::vector<std::uint8_t>& bytes) {
    std::vector<double> values(bytes.size() / sizeof(T));
    for (std::size_t i = 0; i < values.size(); ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        values[i] = static_cast<double>(value);
    }
    return values;
}

double fromBits(std::uint32_t bits) {
    return double(std::bit_cast<float>(bits));
}

/// IEEE half precision.
double fromHalf(std::uint16_t half) {
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const double sign = half & 0x8000 ? -1 : 1;
    if (exponent == 31)
        return fromBits(0x7f800000u | static_cast<std::uint32_t>(fraction) << 13) * sign;
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(1024 + fraction, exponent - 25);
}

}  // namespace

std::vector<double> numbersOf(const PlainTensor& tensor) {
    const auto& bytes = tensor.bytes;
    if (tensor.dtype == "float32") return readAs<float>(bytes);
    if (tensor.dtype == "float64") return readAs<double>(bytes);
    if (tensor.dtype == "int64") return readAs<std::int64_t>(bytes);
    if (tensor.dtype == "int32") return readAs<std::int32_t>(bytes);
    if (tensor.dtype == "int16") return readAs<std::int16_t>(bytes);
    if (tensor.dtype == "int8") return readAs<std::int8_t>(bytes);
    if (tensor.dtype == "uint8" || tensor.dtype == "bool") return readAs<std::uint8_t>(bytes);
    std::vector<double> values = readAs<std::uint16_t>(bytes);
    for (double& value : values) {
        const auto bits = static_cast<std::uint16_t>(value);
        value = tensor.dtype == "bfloat16" ? fromBits(static_cast<std::uint32_t>(bits) << 16)
                                           : fromHalf(bits);
    }
    return values;
}

void eachNumber(const PlainTensor& tensor, const std::function<void(double)>& take) {
    constexpr std::size_t kPortion = std::size_t(1) << 20;  // a multiple of every type's size
    PlainTensor part{tensor.dtype, {}, {}};
    for (std::size_t at = 0; at < tensor.bytes.size(); at += kPortion) {
        const std::size_t end = std::min(at + kPortion, tensor.bytes.size());
        part.bytes.assign(tensor.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                          tensor.bytes.begin() + static_cast<std::ptrdiff_t>(end));
        for (const double number : numbersOf(part)) take(number);
    }
}

QString shortWeightText(double number) {
    return QString::number(number, 'g', 4);
}

QString weightText(double number) {
    return QString::number(number, 'g', 6);
}

void TensorModel::setTensor(const PlainTensor& tensor) {
    beginResetModel();
    m_dims = tensor.dims;
    m_values = numbersOf(tensor);
    const auto count = static_cast<std::int64_t>(m_values.size());
    const std::int64_t rows = m_dims.empty() ? std::min<std::int64_t>(count, 1) : m_dims.front();
    m_rows = static_cast<int>(rows);
    m_columns = rows > 0 ? static_cast<int>(count / rows) : 0;
    endResetModel();
}

int TensorModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_rows;
}

int TensorModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_columns;
}

QVariant TensorModel::data(const QModelIndex& index, int role) const {
    if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
    const std::size_t at =
        static_cast<std::size_t>(index.row()) * static_cast<std::size_t>(m_columns) +
        static_cast<std::size_t>(index.column());
    if (at >= m_values.size()) return {};
    return role == Qt::ToolTipRole ? weightText(m_values[at]) : shortWeightText(m_values[at]);
}

QVariant TensorModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role != Qt::DisplayRole) return {};
    if (orientation == Qt::Vertical || m_dims.size() < 3) return section;
    // The place in the sides after the first: "0, 2, 1".
    QStringList places;
    std::int64_t rest = section;
    for (std::size_t side = m_dims.size() - 1; side >= 1; --side) {
        places.prepend(QString::number(rest % m_dims[side]));
        rest /= m_dims[side];
    }
    return places.join(QStringLiteral(", "));
}

QString TensorModel::toText() const {
    QString text;
    for (int row = 0; row < m_rows; ++row)
        for (int column = 0; column < m_columns; ++column) {
            const std::size_t at =
                static_cast<std::size_t>(row) * static_cast<std::size_t>(m_columns) +
                static_cast<std::size_t>(column);
            text += weightText(m_values[at]) +
                    (column + 1 < m_columns ? QLatin1Char('\t') : QLatin1Char('\n'));
        }
    return text;
}

}  // namespace loom
