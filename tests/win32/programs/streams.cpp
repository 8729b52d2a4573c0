// SPDX-License-Identifier: BSD-2-Clause
// C++ streams, files, text, regular expressions, containers.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <numeric>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

namespace fs = std::filesystem;

namespace {

struct Global {
    Global() { std::cout << "before main\n"; }
    ~Global() { std::cout << "after main" << std::endl; }
} global;

void formats()
{
    std::cout << std::hex << std::showbase << 255 << ' ' << std::oct << 8 << std::dec << ' ' << std::setw(8) << std::setfill('*') << 42
              << ' ' << std::left << std::setw(6) << "ab" << std::right << std::setfill(' ') << '\n';
    std::cout << std::fixed << std::setprecision(3) << 3.14159 << ' ' << std::scientific << 12345.678 << ' ' << std::defaultfloat << 0.1 << '\n';
    std::cout << std::boolalpha << true << ' ' << std::quoted("a \"b\"") << '\n';
    std::istringstream in("12 3.5 word 0x1f rest of line\nnext");
    int i = 0;
    double d = 0;
    std::string word, line;
    in >> i >> d >> word;
    std::getline(in, line);
    std::cout << i << ' ' << d << ' ' << word << " [" << line << "]\n";
    in >> i;
    std::cout << in.fail() << in.eof() << '\n';
}

void files()
{
    {
        std::ofstream out("numbers.bin", std::ios::binary);
        for (unsigned n = 0; n < 10000; n++)
            out.write(reinterpret_cast<const char *>(&n), sizeof(n));
    }
    std::ifstream in("numbers.bin", std::ios::binary | std::ios::ate);
    std::cout << in.tellg() << '\n';
    unsigned n = 0;
    in.seekg(4 * 1234);
    in.read(reinterpret_cast<char *>(&n), sizeof(n));
    std::cout << n << '\n';
    in.close();
    std::fstream both("text.txt", std::ios::in | std::ios::out | std::ios::trunc);
    both << "alpha\nbeta\ngamma\n";
    both.seekg(0);
    std::cout << std::count(std::istreambuf_iterator<char>(both), {}, '\n') << '\n';
    both.close();
    std::ifstream missing("missing.txt");
    std::cout << missing.is_open() << '\n';
}

void paths()
{
    fs::create_directories("tree/a/b");
    std::ofstream("tree/a/one.txt") << "one";
    std::ofstream("tree/a/b/two.txt") << "two two";
    std::set<std::string> seen;
    for (const auto &e : fs::recursive_directory_iterator("tree"))
        seen.insert(e.path().generic_string() + (e.is_directory() ? "/" : " " + std::to_string(e.file_size())));
    for (const auto &s : seen)
        std::cout << s << '\n';
    fs::rename("tree/a/one.txt", "tree/renamed.txt");
    fs::copy_file("tree/renamed.txt", "tree/copy.txt");
    std::cout << fs::exists("tree/copy.txt") << fs::is_directory("tree/a") << fs::file_size("tree/copy.txt") << '\n';
    std::cout << fs::path("C:\\x\\y.tar.gz").extension().string() << ' ' << fs::path("a/./b/../c").lexically_normal().generic_string() << '\n';
    std::cout << fs::remove_all("tree") << '\n';
    std::error_code error;
    std::cout << fs::file_size("gone", error) << ' ' << (error ? "error" : "none") << '\n';
    fs::remove("numbers.bin");
    fs::remove("text.txt");
}

void text()
{
    const std::string s = "The year 1999, the year 2024 and 12 others";
    const std::regex year(R"((\d{4}))");
    for (std::sregex_iterator i(s.begin(), s.end(), year), end; i != end; ++i)
        std::cout << (*i)[1] << ' ';
    std::cout << std::regex_replace(s, year, "<$1>") << '\n';
    std::wstring wide = L"wide text";
    std::wcout << wide << L' ' << wide.size() << std::endl;
}

void containers()
{
    std::mt19937 random(42);
    std::vector<unsigned> v(50000);
    std::generate(v.begin(), v.end(), random);
    std::sort(v.begin(), v.end());
    std::map<unsigned, unsigned> tree;
    std::unordered_map<std::string, int> hash;
    for (auto x : v) {
        tree[x % 1000]++;
        hash[std::to_string(x % 777)] += static_cast<int>(x & 3);
    }
    std::cout << v.front() << ' ' << v[v.size() / 2] << ' ' << tree.size() << ' ' << tree[500] << ' ' << hash.size() << ' ' << hash["42"] << '\n';
    std::cout << std::accumulate(v.begin(), v.end(), 0ull) << '\n';
}

void input()
{
    std::string line;
    std::size_t lines = 0, bytes = 0;
    while (std::getline(std::cin, line))
        lines++, bytes += line.size();
    std::cout << lines << ' ' << bytes << '\n';
}

}

int main()
{
    formats();
    files();
    paths();
    text();
    containers();
    input();
    auto start = std::chrono::steady_clock::now();
    std::cout << (std::chrono::steady_clock::now() >= start) << '\n';
    std::cerr << "to the error stream\n";
    return 17;
}
