#pragma once

#include <random>
#include <string>

namespace loom::fuzz {

/// Damages bytes the way that finds weak readers: bits and bytes changed, numbers made extreme in
/// either byte order and in text, parts cut, doubled, moved and thrown in.
std::string mutated(std::string bytes, std::mt19937_64& random);

/// The same inside of gzip, where it would else stop at the checksum; not packed bytes as they are.
std::string mutatedInside(const std::string& packed, std::mt19937_64& random);

/// A PNG file's parts with the checksums they should have, so that what is in them is read.
std::string withChecksums(std::string png);

}  // namespace loom::fuzz
