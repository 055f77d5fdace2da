#include "processor_time.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace adit::bench {

namespace fs = std::filesystem;

std::vector<double> busy_of_processors() {
  std::ifstream file("/proc/stat");
  const std::chrono::duration<double> now = std::chrono::steady_clock::now().time_since_epoch();
  const auto hertz = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::vector<double> result;
  for (std::string line; std::getline(file, line) && line.rfind("cpu", 0) == 0;) {
    if (line[3] == ' ') continue;
    std::istringstream fields(line.substr(line.find(' ')));
    double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, hard = 0, soft = 0, stolen = 0;
    fields >> user >> nice >> system >> idle >> waiting >> hard >> soft >> stolen;
    // Ticks count work badly, but idle time is kept to the microsecond.
    result.push_back(now.count() - (idle + waiting + stolen) / hertz);
  }
  return result;
}

double run_time_of(int pid) {
  if (pid == 0) return 0;
  double nanoseconds = 0;
  std::error_code gone;
  const std::string folder = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& thread : fs::directory_iterator(folder, gone)) {
    double ran = 0;
    std::ifstream(thread.path() / "schedstat") >> ran;
    nanoseconds += ran;
  }
  return nanoseconds * 1e-9;
}

std::vector<int> softirq_threads() {
  std::vector<int> result;
  for (const auto& process : fs::directory_iterator("/proc")) {
    std::string name;
    std::getline(std::ifstream(process.path() / "comm"), name);
    if (name.rfind("ksoftirqd/", 0) == 0 || name.rfind("napi/", 0) == 0) {
      result.push_back(std::stoi(process.path().filename().string()));
    }
  }
  return result;
}

}  // namespace adit::bench
