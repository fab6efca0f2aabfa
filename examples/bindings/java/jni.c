/* Between Main.evaluate and solution_evaluate. */
#include "Main.h"
#include "solution.h"

JNIEXPORT jint JNICALL Java_Main_evaluate(JNIEnv *env, jclass class, jdoubleArray x, jdoubleArray t, jdoubleArray u,
                                          jdoubleArray u_x)
{
    const jdoubleArray arrays[4] = {x, t, u, u_x};
    const jsize count = (*env)->GetArrayLength(env, x);
    jdouble *numbers[4];

    (void)class;
    for (int k = 0; k < 4; k++)
        if ((*env)->GetArrayLength(env, arrays[k]) != count)
            return 2;
    for (int k = 0; k < 4; k++)
        numbers[k] = (*env)->GetDoubleArrayElements(env, arrays[k], NULL);
    const jint code = solution_evaluate((size_t)count, numbers[0], numbers[1], numbers[2], numbers[3]);
    for (int k = 0; k < 4; k++)
        if (numbers[k])
            (*env)->ReleaseDoubleArrayElements(env, arrays[k], numbers[k], k < 2 ? JNI_ABORT : 0);
    return code;
}
