/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Activation contexts, as the files of ntdll see them.
 *
 *      ACTIVATION_CONTEXT -- Assemblies (the first is the root) -- Files -- Classes
 *                         -- Settings, Compatibility
 *
 * All of it is made once, from manifests, and never changed; it lies in blocks that are freed with the context.
 */
#pragma once

#include "ntdllp.h"

typedef struct _SXS_IDENTITY {
    PWSTR Name, Type, Version, Architecture, Language, PublicKeyToken;      /* NULL: not given */
} SXS_IDENTITY;

/* What a lookup of a window class answers; the two texts follow it. */
typedef struct _SXS_CLASS_REDIRECTION {
    ULONG Size;
    ULONG Flags;
    ULONG NameLength;                   /* bytes; at NameOffset from this structure */
    ULONG NameOffset;
    ULONG ModuleLength;                 /* bytes; at ModuleOffset from the section's base: this structure too */
    ULONG ModuleOffset;
} SXS_CLASS_REDIRECTION;

typedef struct _SXS_CLASS {
    struct _SXS_CLASS *Next;
    PWSTR Name;
    SXS_CLASS_REDIRECTION *Redirection;
    ULONG RedirectionLength;
} SXS_CLASS;

typedef struct _SXS_FILE {
    struct _SXS_FILE *Next;
    PWSTR Name;
} SXS_FILE;

typedef struct _SXS_ASSEMBLY {
    struct _SXS_ASSEMBLY *Next;
    SXS_IDENTITY Identity;
    PWSTR ManifestPath;
    PWSTR Directory;                    /* of its files, with the closing backslash */
    SXS_FILE *Files;
    SXS_CLASS *Classes;
    ULONG FileCount;
} SXS_ASSEMBLY;

typedef struct _SXS_DEPENDENCY {
    struct _SXS_DEPENDENCY *Next;
    SXS_IDENTITY Identity;
    BOOLEAN Optional;
} SXS_DEPENDENCY;

typedef struct _SXS_SETTING {
    struct _SXS_SETTING *Next;
    PWSTR Namespace;
    PWSTR Name;
    PWSTR Value;
} SXS_SETTING;

/* An element type that mingw-w64's header lacks. */
#define SXS_MAXVERSIONTESTED ((ACTCTX_COMPATIBILITY_ELEMENT_TYPE)3)

typedef struct _SXS_COMPATIBLE {
    struct _SXS_COMPATIBLE *Next;
    GUID Id;
    ACTCTX_COMPATIBILITY_ELEMENT_TYPE Type;
    ULONGLONG MaxVersionTested;
} SXS_COMPATIBLE;

typedef struct _ACTIVATION_CONTEXT {
    LIST_ENTRY Links;                   /* in the list of live contexts */
    LONG References;
    struct _SXS_BLOCK *Blocks;
    PWSTR Directory;                    /* of the program, with the closing backslash */
    PWSTR ProbeDirectory;               /* where private assemblies are looked for, likewise */
    SXS_ASSEMBLY *Assemblies;
    ULONG AssemblyCount;
    SXS_DEPENDENCY *Dependencies;
    SXS_SETTING *Settings;
    SXS_COMPATIBLE *Compatible;
    ULONG CompatibleCount;
    ULONG RunLevel;
    ULONG UiAccess;
    BOOLEAN MissingIsFine;              /* an assembly that is not there is logged, and no error */
} ACTIVATION_CONTEXT, *PACTIVATION_CONTEXT;

/* actctx.c: memory that lives as long as the context; NULL: none left. */
PVOID SxspAllocate(PACTIVATION_CONTEXT Context, SIZE_T Bytes);
PWSTR SxspDuplicate(PACTIVATION_CONTEXT Context, PCWSTR Text, SIZE_T Length);

/* manifest.c: adds the assembly that the bytes of a manifest describe, and what it depends on.
 * STATUS_SXS_CANT_GEN_ACTCTX: not a manifest, or a dependency is missing. */
NTSTATUS SxspAddManifest(PACTIVATION_CONTEXT Context, const void *Bytes, SIZE_T Length, PCWSTR Path, PCWSTR Directory);
/* The same for a file: a manifest, or (Resource not 0) an image with a manifest resource of that name. */
NTSTATUS SxspAddManifestFile(PACTIVATION_CONTEXT Context, PCWSTR Path, ULONG_PTR Resource);
NTSTATUS SxspAddManifestFileIn(PACTIVATION_CONTEXT Context, PCWSTR Path, ULONG_PTR Resource, PCWSTR Directory);
NTSTATUS SxspAddManifestResource(PACTIVATION_CONTEXT Context, PVOID Module, ULONG_PTR Resource, ULONG Language,
        PCWSTR Path);

/* actctx.c: a referenced context for the flags of a query; and is it the process's default one? */
NTSTATUS SxspChoose(ULONG Flags, HANDLE Handle, PACTIVATION_CONTEXT *Context);
BOOLEAN SxspIsDefault(PACTIVATION_CONTEXT Context);
