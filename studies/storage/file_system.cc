#include "studies/storage/file_system.h"

#include <sys/vfs.h>

namespace yoake::studies {

std::string NetworkFileSystem(const std::filesystem::path& folder) {
  struct statfs found {};
  if (statfs(folder.c_str(), &found) != 0) return "";
  return NetworkFileSystemName(static_cast<unsigned long>(found.f_type) & 0xffffffffUL);
}

// The numbers are the kernel's own, see statfs(2).
std::string NetworkFileSystemName(unsigned long magic) {
  switch (magic) {
    case 0x6969:
      return "NFS";
    case 0x517B:
    case 0xFF534D42:
    case 0xFE534D42:
      return "SMB";
    case 0x01021997:
      return "9P";
    case 0x0BD00BD3:
      return "Lustre";
    case 0x00C36400:
      return "Ceph";
    case 0x19830326:
      return "BeeGFS";
    case 0x47504653:
      return "GPFS";
    case 0x5346414F:
      return "AFS";
    default:
      return "";
  }
}

}  // namespace yoake::studies
