#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>

#include "core/data/pictures/decoders.h"

namespace loom {

Result<Raster> decodeWebp(const EncodedPicture& file) {
    const WebPData data{reinterpret_cast<const std::uint8_t*>(file.bytes.data()),
                        file.bytes.size()};
    WebPAnimDecoderOptions options;
    if (!WebPAnimDecoderOptionsInit(&options)) return file.damaged();
    const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(
        WebPAnimDecoderNew(&data, &options), WebPAnimDecoderDelete);
    WebPAnimInfo info;
    if (!decoder || !WebPAnimDecoderGetInfo(decoder.get(), &info)) return file.damaged();
    if (info.canvas_width != file.header.width || info.canvas_height != file.header.height)
        return file.damaged();
    std::uint8_t* pixels = nullptr;
    int time = 0;
    if (!WebPAnimDecoderGetNext(decoder.get(), &pixels, &time)) return file.damaged();
    Raster raster = Raster::make(Raster::Form::Rgb, info.canvas_width, info.canvas_height);
    std::uint8_t* out = raster.bytes.data();
    for (std::size_t i = 0; i < raster.bytes.size(); i += 3, pixels += 4)
        std::memcpy(out + i, pixels, 3);
    return raster;
}

}  // namespace loom
