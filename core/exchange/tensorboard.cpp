#include "core/exchange/tensorboard.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>

namespace loom::tensorboard {

namespace {

constexpr std::array<std::uint32_t, 256> crcTable() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = value & 1 ? (value >> 1) ^ 0x82F63B78u : value >> 1;
        table[byte] = value;
    }
    return table;
}

/// Appends protobuf fields to a string. Numbers in fixed width are little-endian.
class Message {
public:
    Message& varint(int field, std::uint64_t value) {
        key(field, 0);
        rawVarint(value);
        return *this;
    }
    Message& number(int field, double value) {
        key(field, 1);
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        fixed(bits, 8);
        return *this;
    }
    Message& shortNumber(int field, float value) {
        key(field, 5);
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        fixed(bits, 4);
        return *this;
    }
    Message& text(int field, std::string_view value) {
        key(field, 2);
        rawVarint(value.size());
        m_bytes += value;
        return *this;
    }
    Message& message(int field, const Message& value) { return text(field, value.m_bytes); }
    void fixed(std::uint64_t bits, int bytes) {
        for (int i = 0; i < bytes; ++i) m_bytes += static_cast<char>(bits >> (8 * i) & 0xFF);
    }
    const std::string& bytes() const { return m_bytes; }

private:
    void key(int field, int wireType) {
        rawVarint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wireType));
    }
    void rawVarint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) m_bytes += static_cast<char>((value & 0x7F) | 0x80);
        m_bytes += static_cast<char>(value);
    }
    std::string m_bytes;
};

// TFRecord stores checksums so that one of data holding checksums does not come out degenerate.
std::uint32_t masked(std::uint32_t crc) {
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

std::string framed(const Message& event) {
    Message length;
    length.fixed(event.bytes().size(), 8);
    Message record;
    record.fixed(event.bytes().size(), 8);
    record.fixed(masked(crc32c(length.bytes())), 4);
    Message tail;
    tail.fixed(masked(crc32c(event.bytes())), 4);
    return record.bytes() + event.bytes() + tail.bytes();
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
    static constexpr std::array<std::uint32_t, 256> kTable = crcTable();
    std::uint32_t crc = 0xFFFFFFFFu;
    for (const char byte : bytes)
        crc = kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (crc >> 8);
    return crc ^ 0xFFFFFFFFu;
}

std::string fileName(double wallTime, int number) {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0')
        std::strcpy(host.data(), "localhost");
    for (char& c : host)
        if (c == '/') c = '_';
    std::array<char, 64> front{};
    std::snprintf(front.data(), front.size(), "events.out.tfevents.%010lld.",
                  static_cast<long long>(wallTime));
    return std::string(front.data()) + host.data() + "." + std::to_string(getpid()) + "." +
           std::to_string(number);
}

std::string versionRecord(double wallTime) {
    return framed(Message().number(1, wallTime).text(3, "brain.Event:2"));
}

std::string scalarsRecord(double wallTime, std::int64_t step, const std::vector<Scalar>& scalars) {
    Message summary;
    for (const auto& [tag, value] : scalars)
        summary.message(1, Message().text(1, tag).shortNumber(2, static_cast<float>(value)));
    return framed(Message()
                      .number(1, wallTime)
                      .varint(2, static_cast<std::uint64_t>(step))
                      .message(5, summary));
}

std::string restartRecord(double wallTime, std::int64_t step) {
    constexpr int kStart = 1;  // SessionLog.SessionStatus.START
    return framed(Message()
                      .number(1, wallTime)
                      .varint(2, static_cast<std::uint64_t>(step))
                      .message(7, Message().varint(1, kStart)));
}

std::string textRecord(double wallTime, const std::string& name, const std::string& markdown) {
    constexpr int kString = 7;  // DT_STRING
    const Message shape = Message().message(2, Message().varint(1, 1));
    const Message tensor = Message().varint(1, kString).message(2, shape).text(8, markdown);
    const Message metadata = Message().message(1, Message().text(1, "text"));
    const Message value =
        Message().text(1, name + "/text_summary").message(8, tensor).message(9, metadata);
    return framed(Message().number(1, wallTime).message(5, Message().message(1, value)));
}

}  // namespace loom::tensorboard
