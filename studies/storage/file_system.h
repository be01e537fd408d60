#pragma once

#include <filesystem>
#include <string>

namespace yoake::studies {

// The name of the network file system that a folder lies on ("NFS", "SMB", ..), empty for a local one or when
// the system does not say.
std::string NetworkFileSystem(const std::filesystem::path& folder);

// The same by statfs(2)'s f_type.
std::string NetworkFileSystemName(unsigned long magic);

}  // namespace yoake::studies
