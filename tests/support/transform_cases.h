#pragma once

#include <QHash>
#include <QString>
#include <string>
#include <vector>

#include "core/data/transform.h"

namespace loom::test {

/// A line of `tests/core/transform_cases/*.txt`:
///
///     Resize size=[17,40] interpolation=bicubic > ToTensor     kinds in order, with settings as
///                                                              JSON or as a bare word
///     RandomApply transforms=(RandomCrop size=3 > Grayscale) p=0.3      lists of kinds in brackets
///     ! RandomCrop size=[1,2,3]        nobody can make this: Python raises, and we give a sentence
///     since numpy 2.0: Pad padding=9   older ones compute otherwise; since torchvision, pillow
///
/// Empty lines and lines that begin with # do not count.
struct TransformCase {
    QString text;  ///< with file and line
    std::vector<TransformChoice> choices;
    /// With an older one of this package (torchvision, numpy, pillow) Python's numbers differ from
    /// ours somewhere, or Python has no such class.
    QByteArray package, since;
    bool refused = false;
    bool random = false;  ///< a step draws numbers
    bool nested = false;  ///< a step holds others
};
std::vector<TransformCase> transformCases();

/// The pictures that every case meets: grey and coloured, with odd and tiny sides.
struct TransformPeer {
    std::vector<Picture> pictures;
    /// What Debian's torchvision made of a case, a picture and a seed, as `describe` puts it.
    struct Outcome {
        std::size_t number;   ///< of the case
        std::size_t picture;  ///< of `pictures`
        std::uint64_t seed;
        QByteArray text;  ///< "-": this Python has no such class
    };
    QHash<QByteArray, QByteArray> versions;  ///< of this Python's packages
    /// Whether this Python is older than what the case is held to.
    bool isTooOldFor(const TransformCase& c) const;
    std::vector<Outcome> outcomes;
    std::vector<QByteArray> refusals;  ///< per refused case, in order: what Python raised, or empty
    QByteArray problem;                ///< why Python did not come to its end
};
/// Runs all cases in Debian's Python, half of them in each of two processes.
TransformPeer transformPeer(const std::vector<TransformCase>& cases);

/// `P 28 28 3 <md5>` of a picture, `T 1 3 28 28 <md5>` of a tensor (views first), or `E`; then the
/// next number that the generator draws, so that steps must have drawn equally often.
QByteArray describe(const Result<SampleInput>& made, TorchRandom& random);

/// Of a case that differs: by how much, from Python's values of that one outcome.
QByteArray difference(const TransformCase& c, const Picture& picture, std::uint64_t seed,
                      const Result<SampleInput>& made);

}  // namespace loom::test
