/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Tokens for one test's purpose.
 */
#pragma once

#include "check.h"

/* A copy of Token that a thread may act with, as far as Level. */
static inline HANDLE ImpersonationToken(HANDLE Token, SECURITY_IMPERSONATION_LEVEL Level)
{
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), Level, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .SecurityQualityOfService = &Quality };
    HANDLE Copy = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateToken(Token, TOKEN_ALL_ACCESS, &Attributes, FALSE, TokenImpersonation, &Copy));
    return Copy;
}

static inline VOID SetPrivilege(HANDLE Token, ULONG Number, BOOLEAN Enabled)
{
    TOKEN_PRIVILEGES New = { 1, { { { Number, 0 }, Enabled ? SE_PRIVILEGE_ENABLED : 0 } } };

    CHECK_STATUS(STATUS_SUCCESS, NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL));
}
