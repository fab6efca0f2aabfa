/* [u, u_x] = evaluate(x, t) of Octave and MATLAB. */
#include "mex.h"
#include "solution.h"

void mexFunction(int outputs, mxArray *found[], int inputs, const mxArray *given[])
{
    if (inputs != 2 || outputs > 2 || !mxIsDouble(given[0]) || !mxIsDouble(given[1]) ||
        mxGetNumberOfElements(given[0]) != mxGetNumberOfElements(given[1]))
        mexErrMsgTxt("[u, u_x] = evaluate(x, t), of as many x as t");
    const size_t count = mxGetNumberOfElements(given[0]);
    mxArray *arrays[2];
    for (int k = 0; k < 2; k++)
        arrays[k] = mxCreateDoubleMatrix(mxGetM(given[0]), mxGetN(given[0]), mxREAL);
    if (solution_evaluate(count, mxGetPr(given[0]), mxGetPr(given[1]), mxGetPr(arrays[0]), mxGetPr(arrays[1])) != 0)
        mexErrMsgTxt("a null pointer");
    found[0] = arrays[0];
    if (outputs > 1)
        found[1] = arrays[1];
    else
        mxDestroyArray(arrays[1]);
}
