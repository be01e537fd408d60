#include "datasets/image_io.h"

#include <dlfcn.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "datasets/image_codecs.h"

namespace yoake::datasets {
namespace {

// The module's functions, looked up once a process. It lies beside the programs (run path $ORIGIN).
struct Codecs {
  decltype(&yoake_decode_image) decode;
  decltype(&yoake_encode_image) encode;
};

Codecs LoadCodecs() {
  void* module = ::dlopen("libyoake_image_codecs.so", RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) {
    const char* reason = ::dlerror();
    throw Error(ErrorKind::kInternal, std::string("the image codec module cannot be loaded: ") +
                                          (reason == nullptr ? "" : reason) +
                                          "; it should lie beside the yoake program");
  }
  return {reinterpret_cast<decltype(&yoake_decode_image)>(::dlsym(module, "yoake_decode_image")),
          reinterpret_cast<decltype(&yoake_encode_image)>(::dlsym(module, "yoake_encode_image"))};
}

const Codecs& LoadedCodecs() {
  static const Codecs codecs = LoadCodecs();
  return codecs;
}

bool BreaksOff(const std::string& bytes) {
  return bytes.starts_with("\xff\xd8") && bytes.rfind("\xff\xd9") == std::string::npos;
}

}  // namespace

cv::Mat DecodeImage(const std::string& bytes) {
  cv::Mat image;
  if (!BreaksOff(bytes)) LoadedCodecs().decode(bytes, &image);
  return image;
}

cv::Mat ReadImage(const std::filesystem::path& path) {
  cv::Mat image = DecodeImage(ReadFile(path));
  if (image.empty()) {
    throw Error(ErrorKind::kData, "not a whole image that OpenCV can decode (JPEG, PNG, BMP, TIFF, WebP)",
                path.string());
  }
  return image;
}

void WriteImage(const std::filesystem::path& path, const cv::Mat& image) {
  std::string bytes;
  LoadedCodecs().encode(path.extension().string(), image, &bytes);
  if (bytes.empty()) {
    throw Error(ErrorKind::kUsage, "no encoder for '" + path.extension().string() + "'; use .png or .jpg",
                path.string());
  }
  WriteFileAtomically(path, bytes);
}

}  // namespace yoake::datasets
