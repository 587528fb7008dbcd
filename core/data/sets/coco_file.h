#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"

namespace loom {

/// What an annotation file in COCO's form says, as far as it is used here: pictures by their ids,
/// what lies in each, and the categories by their ids.
struct CocoFile {
    struct Picture {
        std::int64_t id = 0;
        std::string name;
        std::uint32_t firstBox = 0, firstCaption = 0;  ///< up to the next picture's
    };
    std::vector<Picture> pictures;  ///< sorted by id, as torchvision does; one more at the end
    std::vector<Box> boxes;         ///< of each picture in the order of the file
    std::vector<std::string> captions;
    std::vector<std::string> categories;  ///< sorted by id; a box's label is the place here

    std::size_t size() const { return pictures.size() - 1; }
    /// Of the picture with this id; size() when there is none.
    std::size_t placeOf(std::int64_t id) const;
    std::int64_t bytes() const;
};

/// Reads the JSON as it streams by; outlines and whatever else is in it are passed over.
///
/// Errors: begin with `name`, and say line and column of damaged JSON, or which entry is wrong.
Result<CocoFile> readCoco(std::istream& in, const std::string& name);
Result<CocoFile> readCoco(const std::string& path);

/// The categories alone, sorted by id: looked for in the file's last part, where COCO has them,
/// before the whole is read.
Result<std::vector<std::string>> readCocoCategories(const std::string& path);

}  // namespace loom
