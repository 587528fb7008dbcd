#include <filesystem>
#include <iostream>
#include <system_error>

#include "app/zoo/zoo.h"
#include "core/project/project_file.h"

/// Writes every project of the zoo into the folder given: `torchloom-zoo projects/zoo`.
int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "Usage: torchloom-zoo FOLDER\n";
        return 2;
    }
    std::error_code ignored;
    std::filesystem::create_directories(argv[1], ignored);
    for (const loom::zoo::ZooModel& model : loom::zoo::allModels()) {
        const std::string path = std::string(argv[1]) + "/" + model.name + ".loom";
        const loom::Status saved = loom::saveProject(path, model.make());
        if (!saved) {
            std::cerr << path << ": " << saved.error().message << "\n";
            return 1;
        }
        std::cout << path << "\n";
    }
    return 0;
}
