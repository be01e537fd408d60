#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace yoake {

// The whole file as bytes. Throws Error{kIo} naming the file and the reason.
std::string ReadFile(const std::filesystem::path& path);

// Replaces `path` in one step: writes a temporary file beside it, fsyncs, renames. A reader sees the old or
// the new content, never a half; after a crash or on a full disk the old content is still there. Creates
// missing parent directories. Throws Error{kIo} and removes the temporary file on failure.
void WriteFileAtomically(const std::filesystem::path& path, std::string_view content);

// Appends `line` and '\n' with one write, so that lines of several processes never interleave. Creates the
// file. Throws Error{kIo}.
void AppendLine(const std::filesystem::path& path, std::string_view line);

}  // namespace yoake
