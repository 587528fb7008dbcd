#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// TensorBoard's event files, encoded by hand: a chain of length- and checksum-framed protobuf
/// `Event` messages. Every function gives the bytes to append; a reader takes a cut last record as
/// "not yet written", so appending whole records is always safe. Source:
/// tensorboard/compat/proto/{event,summary}.proto and TFRecord's framing.
namespace loom::tensorboard {

/// CRC-32C (Castagnoli), as TFRecord frames use it; unmasked.
std::uint32_t crc32c(std::string_view bytes);

/// `events.out.tfevents.<seconds>.<host>.<process>.<number>`. Names made later sort later:
/// TensorBoard reads a folder's files in that order and never goes back.
std::string fileName(double wallTime, int number);

/// The record every file begins with.
std::string versionRecord(double wallTime);

using Scalar = std::pair<std::string, double>;  ///< tag, value

/// One point on each of several curves. NaN and infinities are kept: TensorBoard marks them.
std::string scalarsRecord(double wallTime, std::int64_t step, const std::vector<Scalar>& scalars);

/// Tells TensorBoard that a run goes on from `step`: points of earlier files at or behind it are
/// dropped.
std::string restartRecord(double wallTime, std::int64_t step);

/// A Markdown text under the Text tab.
std::string textRecord(double wallTime, const std::string& name, const std::string& markdown);

}  // namespace loom::tensorboard
