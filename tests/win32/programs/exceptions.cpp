// SPDX-License-Identifier: BSD-2-Clause
// C++ exceptions: through frames, destructors, threads and standard types.
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeinfo>
#include <variant>
#include <vector>

namespace {

struct Trace {
    std::string name;
    explicit Trace(std::string n) : name(std::move(n)) { std::printf("make %s\n", name.c_str()); }
    ~Trace() { std::printf("drop %s\n", name.c_str()); }
};

struct Base : std::runtime_error {
    using runtime_error::runtime_error;
    virtual int code() const { return 1; }
};

struct Derived : Base {
    using Base::Base;
    int code() const override { return 2; }
};

[[gnu::noinline]] int deep(int depth)
{
    Trace t("frame " + std::to_string(depth));
    if (depth == 0)
        throw Derived("from below");
    return deep(depth - 1) + 1;
}

void frames()
{
    try {
        deep(4);
    } catch (const Base &e) {
        std::printf("caught %s, code %d\n", e.what(), e.code());
    }
}

void again()
{
    std::exception_ptr kept;
    try {
        try {
            throw std::out_of_range("first");
        } catch (const std::logic_error &e) {
            std::printf("inner %s\n", e.what());
            throw;
        }
    } catch (...) {
        kept = std::current_exception();
    }
    try {
        std::rethrow_exception(kept);
    } catch (const std::exception &e) {
        std::printf("kept %s\n", e.what());
    }
    try {
        try {
            throw 5;
        } catch (int n) {
            std::throw_with_nested(std::runtime_error("outer " + std::to_string(n)));
        }
    } catch (const std::exception &e) {
        std::printf("%s\n", e.what());
        try {
            std::rethrow_if_nested(e);
        } catch (int n) {
            std::printf("nested %d\n", n);
        }
    }
}

void library()
{
    const std::function<void()> cases[] = {
        [] { (void)std::vector<int>(3).at(10); },
        [] { (void)std::stoi("not a number"); },
        [] { (void)std::string("abc").substr(9); },
        [] { (void)std::get<int>(std::variant<int, double>(1.5)); },
        [] { std::function<void()>()(); },
        [] { volatile std::size_t huge = ~std::size_t(0) / 2; delete[] new char[huge]; },
        [] { std::shared_ptr<int>(std::weak_ptr<int>()); },
        [] { Base b("x"); (void)dynamic_cast<Derived &>(b); },
    };
    for (const auto &f : cases) {
        try {
            f();
            std::puts("nothing");
        } catch (const std::bad_alloc &) {
            std::puts("bad_alloc");
        } catch (const std::bad_cast &) {
            std::puts("bad_cast");
        } catch (const std::logic_error &) {
            std::puts("logic_error");
        } catch (const std::exception &e) {
            std::printf("exception: %s\n", e.what());
        }
    }
}

struct Member {
    Member() try : part(4) {
    } catch (int n) {
        std::printf("function try %d\n", n);
    }
    struct Part {
        explicit Part(int n) { throw n; }
    } part;
};

void construction()
{
    try {
        Member m;
    } catch (int n) {
        std::printf("again %d\n", n);
    }
    try {
        auto p = std::make_unique<Trace>("owned");
        struct Half {
            Trace a{"half"};
            Half() { throw std::string("half made"); }
        } half;
    } catch (const std::string &s) {
        std::puts(s.c_str());
    }
}

void threads()
{
    std::vector<std::exception_ptr> caught(4);
    std::vector<std::thread> running;
    for (int i = 0; i < 4; i++)
        running.emplace_back([i, &caught] {
            try {
                for (int k = 0; k < 200; k++)
                    try {
                        throw Derived(std::to_string(k));
                    } catch (Base &) {
                    }
                throw Base("thread " + std::to_string(i));
            } catch (...) {
                caught[i] = std::current_exception();
            }
        });
    for (auto &t : running)
        t.join();
    for (auto &e : caught)
        try {
            std::rethrow_exception(e);
        } catch (const std::exception &x) {
            std::puts(x.what());
        }
}

}

int main()
{
    frames();
    again();
    library();
    construction();
    threads();
    int thrown = 0;
    for (int i = 0; i < 3000; i++)
        try {
            throw i;
        } catch (int n) {
            thrown += n & 1;
        }
    std::printf("%d\n", thrown);
    std::set_terminate([] {
        std::puts("terminate");
        std::fflush(stdout);
        std::_Exit(21);
    });
    throw std::runtime_error("nobody catches this");
}
