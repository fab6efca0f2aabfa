! The exported solution from Fortran, checked against the points in vectors.csv: x,t,u,u_x.
!
! $ cc -std=c99 -O3 -c solution.c -o solution.o
! $ gfortran -std=f2018 -Wall -Werror -O3 main.f90 solution.o -lm -o main
! $ ./main vectors.csv
program main
    use, intrinsic :: iso_c_binding, only: c_double, c_int, c_size_t
    implicit none
    interface
        integer(c_int) function solution_evaluate(count, x, t, u, u_x) bind(c)
            import :: c_double, c_int, c_size_t
            integer(c_size_t), value :: count
            real(c_double), intent(in) :: x(*), t(*)
            real(c_double), intent(out) :: u(*), u_x(*)
        end function
    end interface
    integer, parameter :: most = 10000
    real(c_double) :: x(most), t(most), u(most), u_x(most), expected_u(most), expected_u_x(most), largest
    integer :: points, unit, status
    character(len=200) :: path

    call get_command_argument(1, path)
    open (newunit=unit, file=trim(path), action="read", status="old")
    read (unit, *)
    do points = 0, most - 1
        read (unit, *, iostat=status) x(points + 1), t(points + 1), expected_u(points + 1), expected_u_x(points + 1)
        if (status /= 0) exit
    end do
    if (points == 0) error stop "no points"
    if (solution_evaluate(int(points, c_size_t), x, t, u, u_x) /= 0) error stop "a null pointer"
    largest = max(maxval(abs(u(:points) - expected_u(:points))), maxval(abs(u_x(:points) - expected_u_x(:points))))
    if (.not. largest <= 1e-12_c_double) error stop "values differ"
    print "(i0, a)", points, " points are equal"
end program
